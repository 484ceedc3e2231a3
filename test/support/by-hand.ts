/** What others make by hand: the estate that a request meets. Each waits until Azure has done it. */
import { vi } from 'vitest';
import { createDial, type SimulatorFile } from '#libs/dial/dial.ts';
import { ownKeyPermissions } from '#libs/domain/service-rules.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { tokenFor } from './entra.ts';
import { providersOf } from './orders.ts';
import { askArmAsOwner, makeAsOwner } from './owner.ts';

const insights = 'api-version=2025-07-01';

/** The key words that a principal gets in a vault of access policies. */
export const policyOf = (
  { tenantId }: SimulatorFile,
  objectId: string,
  keys: readonly string[],
) => ({ tenantId, objectId, permissions: { keys } });

/** Members of a vault's properties that shall differ, and what lies beside them. */
interface VaultByHand extends Record<string, unknown> {
  readonly location?: string;
  /** Further access policies. */
  readonly policies?: readonly object[];
}

/** A recoverable vault with access policies that let its owner and Keyturn in. Answers its id. */
export async function makeVault(
  simulator: SimulatorFile,
  name: string,
  { location = simulator.location, policies = [], ...properties }: VaultByHand = {},
): Promise<string> {
  const id = `${providersOf(simulator)}/Microsoft.KeyVault/vaults/${name}`;
  const { objectId: owner } = principalNamed(simulator, 'owner');
  const { objectId: keyturn } = principalNamed(simulator, 'keyturn');
  await makeAsOwner(simulator, `${id}?api-version=2023-07-01`, {
    location,
    properties: {
      tenantId: simulator.tenantId,
      sku: { family: 'A', name: 'standard' },
      enablePurgeProtection: true,
      accessPolicies: [
        policyOf(simulator, owner, ['all']),
        policyOf(simulator, keyturn, ownKeyPermissions),
        ...policies,
      ],
      ...properties,
    },
  });
  return id;
}

/** Making a large key takes seconds on a busy machine. */
const patience = { timeout: 15_000 };

/** Asks a vault's data plane; repeats what its fresh name and policies are too young for. */
async function askVault(
  simulator: SimulatorFile,
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  { vault, path, body }: { vault: string; path: string; body?: object },
): Promise<{ key: { kid: string } }> {
  const token = await tokenFor(simulator, 'owner', 'https://vault.azure.net/.default');
  const { fetch } = createDial(simulator);
  return await vi.waitFor(async () => {
    const answer = await fetch(`https://${vault}.vault.azure.net/keys/${path}?api-version=7.4`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { key: { kid: string } };
  }, patience);
}

/** A key with one version. Answers the version. */
export async function makeKey(
  simulator: SimulatorFile,
  vault: string,
  { name, ...change }: { name: string; attributes?: object; kty?: 'EC' },
): Promise<string> {
  const body = { kty: 'RSA', ...(change.kty === undefined && { key_size: 3072 }), ...change };
  const made = await askVault(simulator, 'POST', { vault, path: `${name}/create`, body });
  return made.key.kid.split('/').at(-1) ?? '';
}

/** Changes a key version: `key` is its name and version. */
export async function changeKey(
  simulator: SimulatorFile,
  vault: string,
  { key, attributes }: { key: string; attributes: object },
): Promise<void> {
  await askVault(simulator, 'PATCH', { vault, path: key, body: { attributes } });
}

/** A new version of a key, as the vault makes it by the key's rotation policy. */
export async function rotateKey(
  simulator: SimulatorFile,
  vault: string,
  name: string,
): Promise<void> {
  await askVault(simulator, 'POST', { vault, path: `${name}/rotate`, body: {} });
}

/** Has the vault make a version of a key after so many days. */
export async function rotateAfter(
  simulator: SimulatorFile,
  vault: string,
  { name, days }: { name: string; days: number },
): Promise<void> {
  const trigger = { timeAfterCreate: `P${days}D` };
  const body = { lifetimeActions: [{ trigger, action: { type: 'Rotate' } }], attributes: {} };
  await askVault(simulator, 'PUT', { vault, path: `${name}/rotationpolicy`, body });
}

/** Deletes a key with all its versions. */
export async function deleteKey(
  simulator: SimulatorFile,
  vault: string,
  name: string,
): Promise<void> {
  await askVault(simulator, 'DELETE', { vault, path: name });
}

/** A user-assigned identity. */
export async function makeIdentity(
  simulator: SimulatorFile,
  name: string,
): Promise<{ id: string; principalId: string }> {
  const id = `${providersOf(simulator)}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const path = `${id}?api-version=2023-01-31`;
  await makeAsOwner(simulator, path, { location: simulator.location });
  const made = await (await askArmAsOwner(simulator, 'GET', { path })).json();
  const { properties } = made as { properties: { principalId: string } };
  return { id, principalId: properties.principalId };
}

/** A cluster without a key. Answers its id. */
export async function makeCluster(
  simulator: SimulatorFile,
  name: string,
  location = simulator.location,
): Promise<string> {
  const id = `${providersOf(simulator)}/Microsoft.OperationalInsights/clusters/${name}`;
  await makeAsOwner(simulator, `${id}?${insights}`, {
    location,
    identity: { type: 'SystemAssigned' },
    sku: { name: 'CapacityReservation', capacity: 500 },
  });
  await untilSeen(simulator, id, ({ provisioningState }) => provisioningState === 'Succeeded');
  return id;
}

/** Deletes a cluster, whose name is held from then on. */
export async function deleteCluster(simulator: SimulatorFile, id: string): Promise<void> {
  await deleteAsOwner(simulator, id);
  await untilSeen(simulator, id, (_, status) => status === 404);
}

/** Gives or takes access to a vault's keys. */
export async function changePolicy(
  simulator: SimulatorFile,
  vaultId: string,
  { how, policy }: { how: 'add' | 'remove'; policy: object },
): Promise<void> {
  const path = `${vaultId}/accessPolicies/${how}?api-version=2023-07-01`;
  await makeAsOwner(simulator, path, { properties: { accessPolicies: [policy] } });
}

/** A resource of Log Analytics as Azure shows it. @throws when it is not there */
export async function readAsOwner<T>(simulator: SimulatorFile, id: string): Promise<T> {
  const answer = await askArmAsOwner(simulator, 'GET', { path: `${id}?${insights}` });
  if (!answer.ok) throw new Error(`reading ${id}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Deletes a resource of Key Vault or of Log Analytics. @throws when Azure refuses it */
export async function deleteAsOwner(
  simulator: SimulatorFile,
  id: string,
  query = insights,
): Promise<void> {
  const answer = await askArmAsOwner(simulator, 'DELETE', { path: `${id}?${query}` });
  if (!answer.ok) throw new Error(`deleting ${id}: ${answer.status} ${await answer.text()}`);
}

/** Links a workspace to a cluster. */
export async function linkByHand(
  simulator: SimulatorFile,
  workspaceId: string,
  clusterId: string,
): Promise<void> {
  const id = `${workspaceId}/linkedServices/cluster`;
  const properties = { writeAccessResourceId: clusterId };
  await makeAsOwner(simulator, `${id}?${insights}`, { properties });
  await untilSeen(simulator, id, ({ provisioningState }) => provisioningState === 'Succeeded');
}

/** Takes a workspace off its cluster, once it is linked. */
export async function unlinkByHand(simulator: SimulatorFile, workspaceId: string): Promise<void> {
  const id = `${workspaceId}/linkedServices/cluster`;
  await untilSeen(simulator, id, ({ provisioningState }) => provisioningState === 'Succeeded');
  await deleteAsOwner(simulator, id);
  await untilSeen(simulator, id, (_, status) => status === 404);
}

async function untilSeen(
  simulator: SimulatorFile,
  id: string,
  isSo: (properties: { provisioningState?: string }, status: number) => boolean,
): Promise<void> {
  await vi.waitFor(async () => {
    const answer = await askArmAsOwner(simulator, 'GET', { path: `${id}?${insights}` });
    const { properties = {} } = (await answer.json()) as { properties?: object };
    if (!isSo(properties, answer.status)) throw new Error(`reading ${id}: ${answer.status}`);
  });
}
