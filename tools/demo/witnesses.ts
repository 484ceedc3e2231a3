import { setTimeout } from 'node:timers/promises';
import type { Client } from '#libs/client/client.ts';
import type { ClusterView } from '#libs/contracts/http/cluster-views.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { openSqliteLedger } from '#libs/ledger/sqlite-ledger.ts';
import { readStorage } from './simulated-storage.ts';
import type { Telling } from './story.ts';

/** The cluster's card follows the operation's end by one signal. */
const cardWithinMs = 10_000;

/** Asks each party itself, instead of believing the operation. */
export async function askOthers(
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
      `The API: ${cluster.linkedWorkspaces} of ${body.workspaces?.length} workspaces are linked`,
      cluster.linkedWorkspaces === body.workspaces?.length,
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
