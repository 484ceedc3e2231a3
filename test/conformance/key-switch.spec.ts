/** libs/azure against the simulator: keys and vaults that are switched off, deleted, and had back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azure, createAzure } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, type Dial } from '#libs/dial/dial.ts';
import { formatVaultId, parseKeyVersionId } from '#libs/domain/azure-ids.ts';
import { ownKeyPermissions } from '#libs/domain/service-rules.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { deleteAsOwner, deleteKey } from '../support/by-hand.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';
import { callNamed } from '../support/stubbed-azure.ts';

const call = callNamed('conformance/1/1');
const vaultUri = 'https://kv-switched.vault.azure.net';
let simulator: RunningSimulator;
let dial: Dial;
let azure: Azure;

beforeAll(async () => {
  simulator = await startSimulator({ clock: 'manual' });
  const { file } = simulator;
  const keyturn = principalNamed(file, 'keyturn');
  dial = createDial(file);
  const { clientId, clientSecret } = keyturn;
  const { tenantId, location: region } = file;
  const config = { kind: 'client-secret' as const, tenantId, clientId, clientSecret };
  azure = createAzure({ credential: createCredential(config, dial), dial });
  await azure.vaults.create(vault(), { region, tenantId, tags: {} }, call);
  const access = { objectId: await azure.self(), tenantId, keyPermissions: ownKeyPermissions };
  await azure.vaults.addAccess(vault(), access, call);
  const owner = { objectId: principalNamed(file, 'owner').objectId, keyPermissions: ['delete'] };
  await azure.vaults.addAccess(vault(), { tenantId, ...owner }, call);
  await simulator.advance(120);
});
afterAll(async () => {
  dial.agent.destroy();
  await simulator.stop();
});

const vault = () => {
  const { subscriptionId, resourceGroup } = simulator.file;
  return { subscriptionId, resourceGroup, name: 'kv-switched' };
};

async function createKey(name: string) {
  const { value } = await azure.keys.create(vaultUri, name, { sizeBits: 2048, tags: {} }, call);
  const id = parseKeyVersionId(value.kid);
  if (id === undefined) throw new Error(`creating ${name}: ${value.kid} is no version`);
  return id;
}

const versionOf = async (name: string) =>
  (await azure.keys.versions(vaultUri, name, call)).value.at(-1);

test('a version is switched off and on, and shows the tags it was given', async () => {
  const id = await createKey('switched');
  await azure.keys.change(id, { enabled: false, tags: { by: 'us' } }, call);
  expect(await versionOf('switched')).toMatchObject({ enabled: false, tags: { by: 'us' } });
  await azure.keys.change(id, { enabled: true, tags: {} }, call);
  expect(await versionOf('switched')).toMatchObject({ enabled: true, tags: {} });
});

test('a rotation policy is read, and set to what it was', async () => {
  await createKey('rotating');
  const policy = {
    actions: [{ action: 'Rotate', timeAfterCreate: 'P90D' }],
    expiresIn: 'P120D',
  };
  await azure.keys.setRotation(vaultUri, 'rotating', policy, call);
  expect((await azure.keys.readRotation(vaultUri, 'rotating', call)).value).toEqual(policy);
  await azure.keys.setRotation(vaultUri, 'rotating', { ...policy, actions: [] }, call);
  expect((await azure.keys.readRotation(vaultUri, 'rotating', call)).value?.actions).toEqual([]);
  expect((await azure.keys.readRotation(vaultUri, 'nothing', call)).value).toBeUndefined();
});

test('a deleted key tells until when, and is had back', async () => {
  await createKey('deleted');
  await deleteKey(simulator.file, 'kv-switched', 'deleted');
  await simulator.advance(10);
  expect((await azure.keys.versions(vaultUri, 'deleted', call)).value).toEqual([]);
  const { value } = await azure.keys.readDeleted(vaultUri, 'deleted', call);
  const days = (Date.parse(value?.purgeAt ?? '') - Date.parse(value?.deletedAt ?? '')) / 86_400_000;
  expect(days).toBe(90);
  await azure.keys.recover(vaultUri, 'deleted', call);
  await simulator.advance(10);
  expect(await versionOf('deleted')).toMatchObject({ enabled: true });
  expect((await azure.keys.readDeleted(vaultUri, 'deleted', call)).value).toBeUndefined();
});

// Last: it takes the vault of all the others.
test('a deleted vault is found by its address, and had back with its keys', async () => {
  const { subscriptionId, location: region, tenantId } = simulator.file;
  await createKey('kept');
  await deleteAsOwner(simulator.file, formatVaultId(vault()), 'api-version=2023-07-01');
  const sought = { subscriptionId, vaultUri };
  expect((await azure.vaults.find(sought, call)).value).toBeUndefined();
  const { value: deleted } = await azure.vaults.findDeleted(sought, call);
  expect(deleted).toMatchObject({ id: formatVaultId(vault()), region, purgeProtection: true });
  await azure.vaults.recover(vault(), { region, tenantId }, call);
  await simulator.advance(60);
  expect((await azure.vaults.read(vault(), call)).value).toMatchObject({ vaultUri });
  expect((await azure.vaults.findDeleted(sought, call)).value).toBeUndefined();
  expect(await versionOf('kept')).toMatchObject({ enabled: true });
});
