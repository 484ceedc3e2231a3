import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVault, principalOf, refusal } from '../../key-vault/spec-vault.ts';
import type { SpecVault } from '../../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';

const DAY = 86_400;
const apiVersion = '2023-07-01';
let azure: SimulatedAzure;
let vault: SpecVault;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  vault = await openVault(azure, { name: 'kv-one' });
});

afterEach(async () => {
  await azure.close();
});

async function put(name: string, properties: object, version = apiVersion): Promise<Reply> {
  return await azure.ask('PUT', `Microsoft.KeyVault/vaults/${name}`, {
    apiVersion: version,
    body: {
      location: 'West Europe',
      properties: {
        tenantId: vault.tenantId,
        sku: { family: 'A', name: 'standard' },
        ...properties,
      },
    },
  });
}

async function remove(): Promise<Reply> {
  return await azure.ask('DELETE', vault.at, { apiVersion });
}

function deletedAt(rest = ''): string {
  return `/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one${rest}`;
}

test('a new vault registers its name for a while, then its data plane answers', async () => {
  const created = await put('kv-two', { accessPolicies: [] });
  expect(created).toMatchObject({
    status: 200,
    body: {
      location: 'westeurope',
      properties: {
        provisioningState: 'RegisteringDns',
        vaultUri: 'https://kv-two.vault.azure.net/',
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
      },
    },
  });
  await azure.advance(10);
  const later = await azure.ask('GET', 'Microsoft.KeyVault/vaults/kv-two', { apiVersion });
  expect(later.body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
});

test('in 2021 soft-delete has to be asked for', async () => {
  await azure.close();
  azure = await openSimulatedAzure({ rules: '2021' });
  vault = await openVault(azure, { name: 'kv-one' });
  const shown = await azure.ask('GET', vault.at, { apiVersion: '2021-10-01' });
  expect((shown.body as { properties: object }).properties).not.toHaveProperty('enableSoftDelete');
  expect((await vault.patch({ enablePurgeProtection: true })).status).toBe(400);
  const protectedNow = await vault.patch({ enableSoftDelete: true, enablePurgeProtection: true });
  expect(protectedNow.status).toBe(200);
});

test('a vault needs access policies unless it uses roles, which is the default since 2026-02-01', async () => {
  expect((await put('kv-two', {})).status).toBe(400);
  const modern = await put('kv-two', {}, '2026-02-01');
  expect(modern.body).toMatchObject({ properties: { enableRbacAuthorization: true } });
});

test.each([
  { enableSoftDelete: false },
  { enablePurgeProtection: false },
  { softDeleteRetentionInDays: 30 },
])('what cannot be taken back is refused: %j', async (properties) => {
  await vault.patch({ enablePurgeProtection: true });
  expect((await vault.patch(properties)).status).toBe(400);
});

test('a retention outside 7 to 90 days and a bad name are refused', async () => {
  const short = await put('kv-two', { accessPolicies: [], softDeleteRetentionInDays: 6 });
  expect(short.status).toBe(400);
  expect(refusal(await put('1-bad', { accessPolicies: [] }))[1]).toBe('VaultNameNotValid');
});

test('accessPolicies/add merges, remove takes away, others are left alone', async () => {
  const objectId = crypto.randomUUID();
  await vault.policies('add', [{ objectId, keys: ['get'] }]);
  const added = await vault.policies('add', [{ objectId, keys: ['wrapKey', 'Get'] }]);
  expect(added.body).toMatchObject({
    properties: {
      accessPolicies: [
        { objectId: vault.ownerId },
        { objectId, permissions: { keys: ['get', 'wrapKey'] } },
      ],
    },
  });
  const removed = await vault.policies('remove', [{ objectId, keys: [] }]);
  expect(removed.body).toMatchObject({
    properties: { accessPolicies: [{ objectId: vault.ownerId }] },
  });
});

test('a policy counts a moment after it was written, and a moment after it was taken away', async () => {
  const { objectId } = await principalOf(azure, 'keyturn');
  const read = async () => (await vault.keys('GET', '/keys', { as: 'keyturn' })).status;
  await vault.policies('add', [{ objectId, keys: ['list'] }]);
  expect(await read()).toBe(403);
  await azure.advance(5);
  expect(await read()).toBe(200);
  await vault.policies('remove', [{ objectId, keys: [] }]);
  expect(await read()).toBe(200);
  await azure.advance(10);
  expect(await read()).toBe(403);
});

test('a deleted vault is listed as deleted, holds its name and comes back with its keys', async () => {
  await vault.keys('POST', '/keys/kek/create', { body: { kty: 'RSA' } });
  expect((await remove()).status).toBe(200);
  expect((await remove()).status).toBe(204);
  const deleted = await azure.ask('GET', deletedAt(), { apiVersion });
  expect(deleted.body).toMatchObject({ name: 'kv-one', properties: { location: 'westeurope' } });
  expect(refusal(await put('kv-one', { accessPolicies: [] }))).toEqual([
    409,
    'ConflictError',
    undefined,
  ]);
  expect((await put('kv-one', { createMode: 'recover' })).status).toBe(200);
  await azure.advance(10);
  expect((await vault.keys('GET', '/keys/kek')).status).toBe(200);
});

test('a purge is refused while purge protection is on, else it takes a moment', async () => {
  await remove();
  const purge = await azure.ask('POST', deletedAt('/purge'), { apiVersion });
  expect(purge.status).toBe(202);
  const location = purge.headers['location'] ?? '';
  expect((await azure.ask('GET', location)).status).toBe(202);
  await azure.advance(10);
  expect((await azure.ask('GET', location)).status).toBe(200);
  vault = await openVault(azure, { name: 'kv-one', properties: { enablePurgeProtection: true } });
  await remove();
  expect((await azure.ask('POST', deletedAt('/purge'), { apiVersion })).status).toBe(400);
  await azure.advance(90 * DAY);
  expect((await put('kv-one', { accessPolicies: [] })).status).toBe(200);
});

test('lists show what is there, by group, by subscription and by type', async () => {
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  const filter = encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'");
  const places = [
    'Microsoft.KeyVault/vaults',
    `${subscription}/providers/Microsoft.KeyVault/vaults`,
    `${subscription}/resources?$filter=${filter}`,
  ];
  for (const place of places) {
    const { body } = await azure.ask('GET', place, { apiVersion });
    expect(body).toMatchObject({ value: [{ name: 'kv-one', type: 'Microsoft.KeyVault/vaults' }] });
  }
});

test('a free name is available and a held one is not', async () => {
  const check = async (name: string): Promise<unknown> =>
    (
      await azure.ask(
        'POST',
        `/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/checkNameAvailability`,
        { apiVersion, body: { name, type: 'Microsoft.KeyVault/vaults' } },
      )
    ).body;
  await remove();
  expect(await check('kv-free')).toEqual({ nameAvailable: true });
  expect(await check('kv-one')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
});

test('a caller without the right is refused by name of the action', async () => {
  const reply = await azure.ask('DELETE', vault.at, { apiVersion, as: 'reader' });
  expect(refusal(reply)[1]).toBe('AuthorizationFailed');
  expect(JSON.stringify(reply.body)).toContain("perform action 'Microsoft.KeyVault/vaults/delete'");
});
