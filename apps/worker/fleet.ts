import type { WorkflowClient } from '@temporalio/client';

import type { Fleet } from '#activities/inspect-all.ts';
import { messages } from '#libs/contracts/temporal.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import { inspectedStates } from '#libs/domain/rounds.ts';
import {
  listExecutions,
  quoted,
  readExecution,
  updateExecution,
  signalExecution,
} from '#libs/temporal/executions.ts';

/** So few that a page is read within minutes, so many that a fleet of thousands takes some hundred pages. */
const pageSize = 20;

const states = inspectedStates.map(quoted).join(', ');
const query = `WorkflowType = 'cluster' AND ExecutionStatus = 'Running' AND KeyturnState IN (${states})`;

/** The entities of the clusters that Keyturn looks after, reached through Temporal. */
export function openFleet(client: WorkflowClient): Fleet {
  return {
    async list(cursor) {
      const asked = { query, pageSize, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await listExecutions<Cluster>(client, asked);
      const entities = items.map(({ workflowId }) => workflowId);
      return next === undefined ? { entities } : { entities, next };
    },
    async read(entity) {
      const found = await readExecution<Cluster>(client, entity);
      return found?.isRunning === true ? found.card : undefined;
    },
    async tell(entity, events, basedOn) {
      // One that has ended since has nobody to be told.
      const arg = { events, basedOn };
      await signalExecution(client, entity, { name: messages.factsLearnt, arg });
    },
    async order(entity, order) {
      const { updateId } = order;
      const update = { name: messages.requestOperation, updateId, arg: order };
      return await updateExecution(client, entity, update);
    },
  };
}
