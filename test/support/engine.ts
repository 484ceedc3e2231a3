import { Connection, WorkflowClient } from '@temporalio/client';
import type { Stack } from '../../tools/stack/stack.ts';

/** Speaks to the product's Temporal behind its back. */
export async function withEngine<T>(
  { temporal, namespace }: Pick<Stack, 'temporal' | 'namespace'>,
  use: (client: WorkflowClient) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address: temporal });
  try {
    return await use(new WorkflowClient({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

/** Lets a workflow that was started in real time jump over its waits from now on. */
export async function letTimeFly(
  stack: Pick<Stack, 'temporal' | 'namespace'>,
  workflowId: string,
): Promise<void> {
  await withEngine(stack, async (client) => {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: stack.namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: {
        timeSkippingConfig: { enabled: true, maxSessionSkipCount: 100_000 },
      },
      updateMask: { paths: ['time_skipping_config'] },
    });
  });
}

/** How many events a workflow's history holds, those of virtual time aside. */
export async function countEvents(
  stack: Pick<Stack, 'temporal' | 'namespace'>,
  workflowId: string,
): Promise<number> {
  const { events } = await withEngine(stack, async (client) =>
    client.getHandle(workflowId).fetchHistory(),
  );
  return (events ?? []).filter((event) => !isTimeSkip(event)).length;
}

const isTimeSkip = (event: object): boolean =>
  Object.hasOwn(event, 'workflowExecutionTimeSkippingTransitionedEventAttributes');
