/** The stack's Temporal, spoken to behind the product's back. */
import type { WorkflowClient } from '@temporalio/client';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';
import type { Stack } from './stack.ts';

type Engine = Pick<Stack, 'temporal' | 'namespace'>;

/** Lends a client. */
export async function withEngine<T>(
  { temporal: address, namespace }: Engine,
  use: (client: WorkflowClient) => Promise<T>,
): Promise<T> {
  const connection = createLazyConnection({ address, namespace });
  try {
    return await use(createWorkflowClient({ connection, namespace }, { virtualTime: false }));
  } finally {
    await connection.close();
  }
}

/** Lets a workflow that was started in real time jump over its waits from now on. */
export async function letTimeFly(engine: Engine, workflowId: string): Promise<void> {
  await withEngine(engine, async (client) => {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: engine.namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: {
        timeSkippingConfig: { enabled: true, maxSessionSkipCount: 100_000 },
      },
      updateMask: { paths: ['time_skipping_config'] },
    });
  });
}
