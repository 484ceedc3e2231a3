import type { StoredPrincipal } from '../../entra/directory.ts';
import type { Question, Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { findCluster } from './documents.ts';
import type { Cluster } from './documents.ts';

/** Where a cluster stands below its resource group. */
export function clusterAt(name: string): string {
  return `Microsoft.OperationalInsights/clusters/${name}`;
}

export function linkAt(workspace: string): string {
  return `Microsoft.OperationalInsights/workspaces/${workspace}/linkedServices/cluster`;
}

/** The full resource id of something below the default resource group. */
export function idOf(azure: SimulatedAzure, place: string): string {
  return `/subscriptions/${azure.subscriptionId}/resourceGroups/rg-logs/providers/${place}`;
}

/** A body that creates a cluster under both rule packs. */
export const clusterBody = {
  location: 'westeurope',
  sku: { name: 'CapacityReservation', capacity: 1000 },
  identity: { type: 'SystemAssigned' },
};

/** Creates a cluster and waits until it is there. */
export async function provide(azure: SimulatedAzure, name: string): Promise<Cluster> {
  const reply = await azure.ask('PUT', clusterAt(name), { body: clusterBody });
  if (reply.status !== 202) throw new Error(`creating ${name}: ${JSON.stringify(reply.body)}`);
  await azure.advance(25 * 60);
  return await readCluster(azure, name);
}

export async function readCluster(azure: SimulatedAzure, name: string): Promise<Cluster> {
  const cluster = await azure.look((tx) => findCluster(tx, idOf(azure, clusterAt(name))));
  if (!cluster) throw new Error(`reading ${name}: no such cluster`);
  return cluster;
}

/** A vault with the key `kek` that the cluster may use, by access policy; returns the key's version. */
export async function provideKey(
  azure: SimulatedAzure,
  wanted: { vault: string; principalId: string | undefined; purgeProtection: boolean },
): Promise<string> {
  const owner = await azure.look((tx) =>
    tx.list<StoredPrincipal>('principals').find(({ name }) => name === 'owner'),
  );
  const tenantId = owner?.tenantId;
  const policy = (objectId: string | undefined, keys: string[]): object => ({
    tenantId,
    objectId,
    permissions: { keys },
  });
  await expectDone(
    azure.ask('PUT', `Microsoft.KeyVault/vaults/${wanted.vault}`, {
      apiVersion: '2022-07-01',
      body: {
        location: 'westeurope',
        properties: {
          tenantId,
          sku: { family: 'A', name: 'standard' },
          ...(wanted.purgeProtection ? { enablePurgeProtection: true } : {}),
          accessPolicies: [
            policy(owner?.objectId, ['all']),
            policy(wanted.principalId, ['get', 'wrapKey', 'unwrapKey']),
          ],
        },
      },
    }),
  );
  await azure.advance(120);
  const made = await expectDone(
    azure.ask('POST', `https://${wanted.vault}.vault.azure.net/keys/kek/create`, {
      apiVersion: '7.4',
      body: { kty: 'RSA', key_size: 2048 },
    }),
  );
  return (made.body as { key: { kid: string } }).key.kid.split('/').at(-1) ?? '';
}

/** The PATCH body that binds a cluster to `kek`. */
export function keyBody(vault: string, keyVersion: string): Question {
  const keyVaultUri = `https://${vault}.vault.azure.net`;
  return {
    body: { properties: { keyVaultProperties: { keyVaultUri, keyName: 'kek', keyVersion } } },
  };
}

async function expectDone(asked: Promise<Reply>): Promise<Reply> {
  const reply = await asked;
  if (reply.status < 300) return reply;
  throw new Error(`preparing a story: ${reply.status} ${JSON.stringify(reply.body)}`);
}
