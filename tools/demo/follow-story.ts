import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { formatClusterId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { inspectNow } from '../stack/engine.ts';
import { auditVault, rotateInVault } from './owner.ts';
import { provisionOrder } from './provision-order.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';

/** It holds what the vault tells of itself, and is linked to no cluster whose key might be gone. */
const auditWorkspace = 'ws-audit';

/** A version appears in the vault, and the cluster is on it with proof a day later. */
export const followStory: Story = {
  name: 'follow-the-vault',
  title: 'The vault rotates its key by itself; Keyturn notices, binds the cluster, and proves it',
  stack: { virtualTime: true, auditWorkspace },
  tell: async (telling) => {
    const { stack, client, stage } = telling;
    const { simulator } = stack;
    const order = provisionOrder(simulator);
    const { cluster, key } = order;
    const { subscriptionId, resourceGroup } = simulator;
    const workspaceId = formatWorkspaceId({ subscriptionId, resourceGroup, name: auditWorkspace });
    const workspaces = order.workspaces.filter((id) => id !== workspaceId);

    stage.say(`The operator provisions cluster ${cluster.name}, and wants it to follow its vault.`);
    const asked = { ...order, workspaces, onNewVersion: 'bind' } as const;
    const made = await follow(telling, (await client.provisionCluster(asked)).operationId);
    await auditVault(simulator, { vaultId: key.vaultId, workspaceId });

    stage.title('The vault makes a version by the rotation policy of the key');
    const newer = await rotateInVault(simulator, { vaultId: key.vaultId, keyName: key.name });
    stage.say(`  ${newer}: the cluster is not told, and goes on with the one before`);

    stage.title('The inspection of the hour comes by');
    const appearedMs = Date.now();
    const following = await noticed(telling);
    const noticedMs = Date.now() - appearedMs;
    const followed = await follow(telling, following.id);
    const again = await inspectNow(stack);

    stage.title('Measured');
    const at = (name: string) =>
      Date.parse(followed.steps.find((step) => step.name === name)?.endedAt ?? '');
    const boundMs = at('bind') - Date.parse(followed.requestedAt);
    stage.say(`  ${seconds(noticedMs)} from the inspection to the rotation it orders`);
    stage.say(`  ${seconds(boundMs)} of the cluster's time from there to the bind`);
    stage.say(`  ${seconds(at('proof') - at('bind'))} of its time from the bind to the proof`);
    const proof = followed.outcome?.evidence.at(-1);
    stage.say(`  ${proof?.grade ?? 'nothing'}: ${proof?.claim ?? ''}`);
    const storage = await readStorage(simulator, formatClusterId(cluster));
    const wrappers = storage?.accounts.map(({ wrappedBy }) => wrappedBy) ?? [];
    return [
      stage.check(`The cluster was made: ${made.state}`, made.state === 'succeeded'),
      stage.check(
        `The version was bound, asked for by ${followed.requestedBy.name}: ${followed.state}`,
        followed.state === 'succeeded',
      ),
      stage.check(`Its use is ${proof?.grade ?? 'not shown'}`, proof?.grade === 'proven'),
      stage.check(
        'The storage is wrapped by it',
        wrappers.length > 0 && wrappers.every((kid) => kid.endsWith(newer)),
      ),
      stage.check(
        'The next inspection orders nothing',
        again.result.inspected === 1 && again.result.followed === 0,
      ),
    ].every(Boolean);
  },
};

/** Inspects until the version is noticed: an entity may still be told the end of what ran before. */
async function noticed({ stack, client, signal }: Telling): Promise<OperationView> {
  for (;;) {
    signal.throwIfAborted();
    await inspectNow(stack);
    const { items } = await client.listOperations({ kind: 'rotate' });
    const [found] = items;
    if (found !== undefined) return found;
  }
}

const follow = async ({ client, stage, signal }: Telling, id: string): Promise<OperationView> =>
  await stage.follow(watchOperation(client, id, { intervalMs: 300, signal }));
