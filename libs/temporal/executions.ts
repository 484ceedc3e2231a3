import type { WorkflowClient, WorkflowExecutionInfo } from '@temporalio/client';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  isGrpcServiceError,
} from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';

/** One workflow as its card shows it. */
export interface Shown<Card> {
  readonly workflowId: string;
  readonly isRunning: boolean;
  /** Absent until the workflow has written its first memo. */
  readonly card?: Card;
}

/** One page of a list; `next` is absent on the last. */
export interface ShownPage<Card> {
  readonly items: readonly Shown<Card>[];
  readonly next?: string;
}

export interface PageQuery {
  /** A visibility query. */
  readonly query: string;
  readonly pageSize: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/**
 * Reads a workflow's public card from its memo: consistent, and without any worker.
 * Undefined when there is no such workflow.
 */
export async function readExecution<Card>(
  client: WorkflowClient,
  workflowId: string,
): Promise<Shown<Card> | undefined> {
  try {
    return toShown<Card>(await client.getHandle(workflowId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Tells a workflow something; false when there is none that could be told. */
export async function signalExecution(
  client: WorkflowClient,
  workflowId: string,
  { name, arg }: { name: string; arg: unknown },
): Promise<boolean> {
  try {
    await client.getHandle(workflowId).signal(name, arg);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** An update, repeated under its id as often as it is sent. */
interface Updating {
  readonly name: string;
  readonly updateId: string;
  readonly arg: unknown;
}

/** Asks a workflow for something and waits for its answer; false when it refuses, or is not there. */
export async function updateExecution(
  client: WorkflowClient,
  workflowId: string,
  { name, updateId, arg }: Updating,
): Promise<boolean> {
  try {
    await client.getHandle(workflowId).executeUpdate(name, { args: [arg], updateId });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError)
      return false;
    throw error;
  }
}

/**
 * Reads one page of workflows with their cards. Visibility follows a moment behind: nothing may be
 * asserted on it right after a start. Throws `CursorError` when the cursor is none of the server's.
 */
export async function listExecutions<Card>(
  client: WorkflowClient,
  { query, pageSize, cursor }: PageQuery,
): Promise<ShownPage<Card>> {
  const { namespace } = client.options;
  const { executions, nextPageToken } = await client.workflowService
    .listWorkflowExecutions({
      namespace,
      query,
      pageSize,
      nextPageToken: cursor === undefined ? null : Buffer.from(cursor, 'base64url'),
    })
    .catch((error: unknown) => {
      throw cursor !== undefined && isUnreadable(error) ? new CursorError(error) : error;
    });
  const infos = await Promise.all(
    executions.map((raw) =>
      executionInfoFromRaw(raw, client.options.loadedDataConverter, raw, namespace),
    ),
  );
  const items = infos.map((info) => toShown<Card>(info));
  if (nextPageToken.length === 0) return { items };
  return { items, next: Buffer.from(nextPageToken).toString('base64url') };
}

/** Counts workflows by a visibility query, which follows a moment behind. */
export async function countExecutions(client: WorkflowClient, query: string): Promise<number> {
  const { namespace } = client.options;
  const { count } = await client.workflowService.countWorkflowExecutions({ namespace, query });
  return Number(count);
}

/** The cursor of a page was not made by this server. */
export class CursorError extends Error {
  constructor(cause: unknown) {
    super('reading the next page: the cursor is not known', { cause });
    this.name = 'CursorError';
  }
}

/** SQL visibility answers a token it cannot read with UNKNOWN, others with INVALID_ARGUMENT. */
const unreadableCodes: readonly number[] = [2, 3];

const isUnreadable = (error: unknown): boolean =>
  isGrpcServiceError(error) && unreadableCodes.includes(error.code);

/** A text as a literal of a visibility query. */
export const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

function toShown<Card>(
  info: Pick<WorkflowExecutionInfo, 'workflowId' | 'status' | 'memo'>,
): Shown<Card> {
  const { workflowId, status, memo } = info;
  const isRunning = status.name === 'RUNNING';
  const card = memo?.['card'];
  return card === undefined
    ? { workflowId, isRunning }
    : { workflowId, isRunning, card: card as Card };
}
