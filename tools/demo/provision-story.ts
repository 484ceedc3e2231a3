import { setTimeout } from 'node:timers/promises';
import type { Client } from '#libs/client/client.ts';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { ClusterView } from '#libs/contracts/http/cluster-views.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatClusterId, formatVaultId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { openSqliteLedger } from '#libs/ledger/sqlite-ledger.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';

const workspaces = ['ws-payments', 'ws-trading', 'ws-audit'];
/** The cluster's card follows the operation's end by one signal. */
const cardWithinMs = 10_000;

/** One request carries a new cluster from nothing to encrypted and linked. */
export const provisionStory: Story = {
  name: 'provision',
  title: 'One request provisions a dedicated cluster under a customer-managed key',
  tell: async (telling) => {
    const { stack, client, stage, signal } = telling;
    const body = provisionRequest(stack.simulator, uniqueName());
    stage.say(
      `The operator posts one request: cluster ${body.cluster.name} in ${body.region}, a new vault and key, ` +
        `${workspaces.length} workspaces. Everything after it is durable.`,
    );
    const startedMs = Date.now();
    const { operationId } = await client.provisionCluster(body);
    stage.say(`Accepted in ${seconds(Date.now() - startedMs)} as operation ${operationId}.\n`);
    const operation = await stage.follow(
      watchOperation(client, operationId, { intervalMs: 300, signal }),
    );
    const tookMs = Date.now() - startedMs;
    const holds = await lookUp(telling, body, operation);
    summarise(telling, operation, tookMs);
    return holds;
  },
};

/** Asks each party itself, instead of believing the operation. */
async function lookUp(
  { stack, client, stage }: Telling,
  body: ProvisionBodyInput,
  operation: OperationView,
): Promise<boolean> {
  const clusterId = formatClusterId(body.cluster);
  stage.title('What the others say');
  const isDone = stage.check(
    `The operation ended: ${operation.state}. ${operation.outcome?.summary ?? ''}`,
    operation.state === 'succeeded' && operation.steps.every((step) => step.state === 'done'),
  );
  for (const { severity, reason, remedy } of operation.findings)
    stage.say(`    ${severity}: ${reason} ${remedy}`);
  if (!isDone) return false;

  const cluster = await readProtectedCluster(client, body.cluster);
  const kid = cluster.key?.kid ?? 'none';
  const storage = await readStorage(stack.simulator, clusterId);
  const wrappedBy = storage?.accounts.map((account) => account.wrappedBy) ?? [];
  const chain = await verifyLedger(stack.ledger, clusterId);
  return [
    stage.check(
      `The API: the cluster is ${cluster.state}, bound to ${kid}`,
      cluster.state === 'protected',
    ),
    stage.check(
      `The simulated Azure: ${wrappedBy.length} storage accounts are wrapped by that version, and unwrap with it now`,
      storage?.unwrapsNow === true &&
        wrappedBy.length > 0 &&
        wrappedBy.every((wrapper) => wrapper === kid),
    ),
    stage.check(
      `The API: ${cluster.linkedWorkspaces} of ${workspaces.length} workspaces are linked`,
      cluster.linkedWorkspaces === workspaces.length,
    ),
    stage.check(`The ledger: ${chain.text}`, chain.holds),
  ].every(Boolean);
}

async function readProtectedCluster(
  client: Client,
  id: ProvisionBodyInput['cluster'],
): Promise<ClusterView> {
  const giveUpAt = Date.now() + cardWithinMs;
  for (;;) {
    const cluster = await client.readCluster(id);
    const isSettled = cluster.state === 'protected' && cluster.operations.length === 0;
    if (isSettled || Date.now() > giveUpAt) return cluster;
    await setTimeout(200);
  }
}

async function verifyLedger(path: string, clusterId: string) {
  const ledger = openSqliteLedger(path);
  try {
    const verdict = await ledger.verifyChain(clusterId);
    if (!verdict.intact)
      return { holds: false, text: `broken at event ${verdict.position}: ${verdict.reason}` };
    const text = `${verdict.length} events, their chain of hashes is intact`;
    return { holds: verdict.length > 0, text };
  } finally {
    await ledger.close();
  }
}

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

function provisionRequest(simulator: SimulatorFile, name: string): ProvisionBodyInput {
  const { subscriptionId, resourceGroup, location } = simulator;
  const here = { subscriptionId, resourceGroup };
  return {
    cluster: { ...here, name },
    region: location,
    capacityGbPerDay: 500,
    key: {
      vaultId: formatVaultId({ ...here, name: `kv-${name}` }),
      name: 'cmk-logs',
      mode: 'explicit',
      source: 'generate',
    },
    workspaces: workspaces.map((workspace) => formatWorkspaceId({ ...here, name: workspace })),
  };
}

/** Vault names are taken world-wide and kept after deletion, so that a told story needs a new one. */
const uniqueName = (): string => `logs-${Date.now().toString(36)}`;
