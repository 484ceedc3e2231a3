import type { WorkflowClient } from '@temporalio/client';

import type { KeyEntities } from '#activities/key-entities.ts';
import { taskQueues } from '#libs/contracts/temporal.ts';

/** The entities of keys, reached through Temporal; the first message to one begins it. */
export function openKeyEntities(client: WorkflowClient): KeyEntities {
  return {
    async tell({ entity, message, arg }) {
      await client.signalWithStart('key', {
        workflowId: entity,
        taskQueue: taskQueues.workflows,
        args: [{}],
        signal: message,
        signalArgs: [arg],
      });
    },
  };
}
