import { setTimeout } from 'node:timers/promises';
import type { WorkflowClient } from '@temporalio/client';
import { WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { decodeMapFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';

type Service = WorkflowClient['workflowService'];
type Page = Awaited<ReturnType<Service['getWorkflowExecutionHistory']>>;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What a follower needs of the SDK's client. */
export type HistoryClient = Pick<
  WorkflowClient,
  'options' | 'workflowService' | 'withAbortSignal' | 'withDeadline'
>;

/** What is followed. */
export interface Followed {
  readonly workflowId: string;
  /** The member of the memo that is wanted. */
  readonly member: string;
  /** Ends the following, and the server call that waits. */
  readonly signal: AbortSignal;
  /** Pause before an engine that was there is asked again; a second unless told. */
  readonly pauseMs?: number;
  /** How often a quiet workflow is asked about at most; 34 s unless told. */
  readonly quietMs?: number;
}

/**
 * A server lets a call wait for 20 s by default, and ours for 27 s. When all that brought nothing, a pause
 * keeps the calls to two in the first half minute and one in each that follows; news of so quiet a workflow
 * may be late by as much.
 */
const defaultQuietMs = 34_000;
const longestPauseMs = 14_000;

const defaultPauseMs = 1_000;

/** The first read answers at once. */
const readDeadlineMs = 10_000;

/** A read that waits is answered within the server's own limit. */
const waitDeadlineMs = 75_000;

/**
 * Yields, oldest first, every value that a workflow has written and will write into a member of its memo,
 * in batches as they are found, until it has closed: from the history, so that nothing is missed or doubled
 * and no worker is needed. A quiet workflow costs one server call in half a minute. Sits out an engine that goes away in between.
 * @throws WorkflowNotFoundError; the SDK's errors when the engine does not answer at first.
 */
export async function* followMemo<T>(
  client: HistoryClient,
  followed: Followed,
): AsyncGenerator<T[], void, undefined> {
  let place: Place = { runId: '', token: null };
  let hasClosed = false;
  while (!followed.signal.aborted) {
    const askedAt = Date.now();
    const page = await readPage(client, place, followed);
    if (page === undefined) return;
    const events = page.history?.events ?? [];
    if (events.length === 0) await pauseSince(askedAt, followed);
    const values = await Promise.all(
      events.map((event) => valueIn<T>(client, event, followed.member)),
    );
    const written = values.filter((value) => value !== undefined);
    if (written.length > 0) yield written;
    const next = placeAfter(page, place);
    hasClosed ||= events.some(isClosing);
    if (next === undefined && hasClosed) return;
    // A server in trouble ends a poll without a token though nothing has ended: it is asked again.
    if (next === undefined) await pause(followed.pauseMs ?? defaultPauseMs, followed.signal);
    else place = next;
  }
}

/** Whether a workflow has no events after this one. */
const isClosing = (event: HistoryEvent): boolean =>
  [
    event.workflowExecutionCompletedEventAttributes,
    event.workflowExecutionFailedEventAttributes,
    event.workflowExecutionTimedOutEventAttributes,
    event.workflowExecutionCanceledEventAttributes,
    event.workflowExecutionTerminatedEventAttributes,
  ].some((attributes) => attributes !== undefined && attributes !== null);

/** Where to go on: a run, and the server's token within it; null at its beginning. */
interface Place {
  readonly runId: string;
  readonly token: Uint8Array | null;
  /** The run that this one goes on as, once that is seen. */
  readonly nextRunId?: string;
}

function placeAfter({ history, nextPageToken }: Page, before: Place): Place | undefined {
  const last = history?.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
  const nextRunId = last?.newExecutionRunId ?? before.nextRunId;
  if (nextPageToken.length > 0) {
    const { runId } = before;
    return { runId, token: nextPageToken, ...(nextRunId !== undefined && { nextRunId }) };
  }
  return nextRunId === undefined ? undefined : { runId: nextRunId, token: null };
}

async function pauseSince(askedAt: number, { quietMs = defaultQuietMs, signal }: Followed) {
  const left = Math.min(askedAt + quietMs - Date.now(), longestPauseMs);
  if (left > 0) await pause(left, signal);
}

/** Ends early with the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}

/** Undefined when the signal has ended it. */
async function readPage(
  client: HistoryClient,
  { runId, token }: Place,
  { workflowId, signal, pauseMs = defaultPauseMs }: Followed,
): Promise<Page | undefined> {
  const isFirst = runId === '' && token === null;
  const ask = () =>
    client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      nextPageToken: token,
      waitNewEvent: true,
    });
  while (!signal.aborted) {
    const deadline = Date.now() + (isFirst ? readDeadlineMs : waitDeadlineMs);
    try {
      return await client.withAbortSignal(signal, () => client.withDeadline(deadline, ask));
    } catch (error) {
      if (signal.aborted) return undefined;
      if (codeOf(error) === notFound) {
        throw new WorkflowNotFoundError('there is no such workflow', workflowId, undefined);
      }
      if (isFirst || !isPassing(error)) throw error;
    }
    await pause(pauseMs, signal);
  }
  return undefined;
}

const notFound = 5;

/**
 * INVALID_ARGUMENT, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED: asking again would not help. Everything
 * else is what an outage, a restart or a server under load looks like, CANCELLED by somebody else included.
 */
const lasting: readonly number[] = [3, 7, 12, 16];

function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !lasting.includes(code);
}

const codeOf = (error: unknown): number | undefined =>
  isGrpcServiceError(error) ? error.code : undefined;

async function valueIn<T>(
  client: HistoryClient,
  event: HistoryEvent,
  member: string,
): Promise<T | undefined> {
  const memo =
    event.workflowExecutionStartedEventAttributes?.memo ??
    event.workflowPropertiesModifiedEventAttributes?.upsertedMemo;
  const payload = memo?.fields?.[member];
  if (payload === undefined) return undefined;
  const { loadedDataConverter } = client.options;
  const decoded = await decodeMapFromPayloads(loadedDataConverter, { [member]: payload });
  return decoded?.[member] as T | undefined;
}
