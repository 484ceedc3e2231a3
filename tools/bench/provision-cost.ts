import { watchOperation } from '#libs/client/watch-operation.ts';
import { clusterWorkflowId, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { readExchanges } from '../stack/simulator-control.ts';
import { countRequests } from './azure-requests.ts';
import type { AzureRequests } from './azure-requests.ts';
import { requestFor } from './requests.ts';
import type { Bench } from './stage.ts';

/** What one provision with three workspaces costs. */
export interface ProvisionCost {
  readonly workspaces: number;
  readonly seconds: number;
  readonly operationEvents: number;
  readonly entityEvents: number;
  readonly azure: AzureRequests;
}

const workspaces = ['ws-payments', 'ws-trading', 'ws-audit'];

/** Provisions once, alone on the stack, and counts. @throws when it does not succeed */
export async function measureProvision(bench: Bench): Promise<ProvisionCost> {
  const { stack, client, workflows, signal } = bench;
  const body = requestFor(stack.simulator, { name: 'bench-whole', workspaces });
  const before = (await readExchanges(stack.simulator)).length;
  const startedMs = performance.now();
  const { operationId } = await client.provisionCluster(body);
  let state = 'unknown';
  for await (const seen of watchOperation(client, operationId, { intervalMs: 500, signal }))
    ({ state } = seen);
  if (state !== 'succeeded') throw new Error(`provisioning ${body.cluster.name}: it is ${state}`);
  const eventsOf = async (workflowId: string) =>
    (await workflows.getHandle(workflowId).fetchHistory()).events?.length ?? 0;
  return {
    workspaces: workspaces.length,
    seconds: (performance.now() - startedMs) / 1000,
    operationEvents: await eventsOf(operationWorkflowId(operationId)),
    entityEvents: await eventsOf(clusterWorkflowId(body.cluster)),
    azure: countRequests((await readExchanges(stack.simulator)).slice(before)),
  };
}
