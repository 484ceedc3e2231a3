import type { WorkflowClient } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { quoted } from './executions.ts';

/** A run that has not ended, as visibility knows it. */
export interface OpenWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
}

/** A history as the SDK reads and replays it. */
export type WorkflowHistory = Awaited<
  ReturnType<ReturnType<WorkflowClient['getHandle']>['fetchHistory']>
>;

/** As many as one answer of the server can hold with their memos. */
const pageSize = 200;

/** Every open workflow of a task queue. Visibility follows a moment behind: the newest may be missing. */
export async function listOpenWorkflows(
  client: WorkflowClient,
  taskQueue: string,
): Promise<OpenWorkflow[]> {
  const query = `ExecutionStatus = 'Running' AND TaskQueue = ${quoted(taskQueue)}`;
  const open: OpenWorkflow[] = [];
  for await (const { workflowId, runId, type } of client.list({ query, pageSize }))
    open.push({ workflowId, runId, type });
  return open;
}

/** What the workflow has written so far; undefined when the server has forgotten it. */
export async function readHistory(
  client: WorkflowClient,
  { workflowId, runId }: OpenWorkflow,
): Promise<WorkflowHistory | undefined> {
  try {
    return await client.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
