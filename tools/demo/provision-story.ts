import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { provisionOrder } from './provision-order.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';
import { askOthers } from './witnesses.ts';

/** One request carries a new cluster from nothing to encrypted and linked. */
export const provisionStory: Story = {
  name: 'provision',
  title: 'One request provisions a dedicated cluster under a customer-managed key',
  tell: async (telling) => {
    const { stack, client, stage, signal } = telling;
    const body = provisionOrder(stack.simulator);
    stage.say(
      `The operator posts one request: cluster ${body.cluster.name} in ${body.region}, a new vault and key, ` +
        `${body.workspaces.length} workspaces. Everything after it is durable.`,
    );
    const startedMs = Date.now();
    const { operationId } = await client.provisionCluster(body);
    stage.say(`Accepted in ${seconds(Date.now() - startedMs)} as operation ${operationId}.\n`);
    const operation = await stage.follow(
      watchOperation(client, operationId, { intervalMs: 300, signal }),
    );
    const tookMs = Date.now() - startedMs;
    const holds = await askOthers(telling, body, operation);
    summarise(telling, operation, tookMs);
    return holds;
  },
};

function summarise({ stage }: Telling, operation: OperationView, tookMs: number): void {
  stage.title(`Measured: ${seconds(tookMs)} from request to proven end`);
  for (const { title, startedAt, endedAt } of operation.steps) {
    if (startedAt === undefined || endedAt === undefined) continue;
    const took = seconds(Date.parse(endedAt) - Date.parse(startedAt));
    stage.say(`  ${took.padStart(9)}  ${title}`);
  }
  for (const { claim, grade } of operation.outcome?.evidence ?? [])
    stage.say(`  ${grade.padStart(9)}  ${claim}`);
  const since = operation.outcome?.encryptedSince;
  if (since !== undefined) stage.say(`  New data is under the customer's key since ${since}.`);
}
