import type { WorkflowClient } from '@temporalio/client';
import {
  ApplicationFailure,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
} from '@temporalio/client';
import type { Refusal } from '#libs/domain/refusal-codes.ts';
import { refusalCodes } from '#libs/domain/refusal-codes.ts';
import { CursorError } from '#libs/temporal/executions.ts';
import { Refused } from '../http/refused.ts';
import { inTurn } from './in-turn.ts';

/**
 * How long a caller waits at most: an answer takes milliseconds when a worker is there, and a person or
 * a gateway gives up soon after ten seconds.
 */
const deadlineMs = 10_000;

/** When a caller is asked to repeat: a killed worker or server is usually back by then. */
const retryAfterSeconds = 5;

const grpcUnavailable = 14;
const grpcResourceExhausted = 8;

type Deadlined = Pick<WorkflowClient, 'withDeadline'>;

/**
 * Sends an update to a workflow, in its turn. It is repeated once when the engine could not be reached, which is safe
 * because every update carries an id. Throws the workflow's own refusal, `outcome_unknown` when no
 * answer came in time (it may still be applied), or `engine_unavailable`.
 */
export async function callEngine<T>(
  client: Deadlined,
  workflowId: string,
  send: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  const attempt = () => client.withDeadline(deadline, async () => inTurn(workflowId, send));
  try {
    return await attempt().catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      return attempt();
    });
  } catch (error) {
    throw toRefused(error, 'outcome_unknown');
  }
}

/** Reads from the engine. Throws `engine_unavailable` when it does not answer in time. */
export async function readEngine<T>(client: Deadlined, read: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + deadlineMs, read);
  } catch (error) {
    throw toRefused(error, 'engine_unavailable');
  }
}

/** An error of reading from the engine, as callers are told it. */
export const asRefused = (error: unknown): unknown => toRefused(error, 'engine_unavailable');

type WhenLate = 'outcome_unknown' | 'engine_unavailable';

function toRefused(error: unknown, whenLate: WhenLate): unknown {
  if (error instanceof WorkflowUpdateFailedError) return refusalIn(error) ?? error;
  if (error instanceof CursorError) {
    const reason = 'cursor must be the `next` of the page before';
    return new Refused({ code: 'invalid_request', reason, field: 'cursor' }, { malformed: true });
  }
  if (isLate(error)) {
    const reason =
      whenLate === 'outcome_unknown'
        ? 'no worker answered in time; not known, repeat with the same key'
        : 'the workflow engine did not answer in time';
    return new Refused({ code: whenLate, reason }, { retryAfterSeconds, cause: error });
  }
  if (isUnavailable(error)) {
    const reason = 'the workflow engine cannot be reached or takes no more work';
    const refusal = { code: 'engine_unavailable', reason } as const;
    return new Refused(refusal, { retryAfterSeconds, cause: error });
  }
  return error;
}

/** A workflow refuses with the code as the failure's type and the refusal as its first detail. */
function refusalIn({ cause }: WorkflowUpdateFailedError): Refused | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const code = cause.type;
  if (code === undefined || code === null || !isRefusalCode(code)) return undefined;
  const [detail] = (cause.details ?? []) as Partial<Refusal>[];
  const reason = detail?.reason ?? cause.message;
  const field = detail?.field;
  return new Refused(field === undefined ? { code, reason } : { code, reason, field });
}

const isRefusalCode = (text: string): text is Refusal['code'] => Object.hasOwn(refusalCodes, text);

const isLate = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(causeOf(error));

function isUnavailable(error: unknown): boolean {
  const cause = causeOf(error);
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === grpcUnavailable || code === grpcResourceExhausted;
}

/** The SDK wraps gRPC's errors in some calls and not in others. */
const causeOf = (error: unknown): unknown => (error instanceof ServiceError ? error.cause : error);
