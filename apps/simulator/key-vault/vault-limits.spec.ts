import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { principalOf } from './spec-vault.ts';

let azure: SimulatedAzure;

beforeEach(async () => {
  // Buckets fill by real time too.
  vi.useFakeTimers({ toFake: ['Date'] });
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
  vi.useRealTimers();
});

async function create(vault: string, name: string, body: object = { kty: 'EC' }): Promise<Reply> {
  const url = `https://${vault}.vault.azure.net/keys/${name}/create`;
  return await azure.ask('POST', url, { apiVersion: '7.5', body });
}

async function createTimes(vault: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) {
    statuses.push((await create(vault, `key-${count}`)).status);
  }
  return statuses;
}

async function vaultNamed(name: string): Promise<void> {
  const { tenantId, objectId } = await principalOf(azure, 'owner');
  const permissions = { keys: ['all'] };
  const properties = {
    tenantId,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: false,
    accessPolicies: [{ tenantId, objectId, permissions }],
  };
  await azure.ask('PUT', `Microsoft.KeyVault/vaults/${name}`, {
    apiVersion: '2023-07-01',
    body: { location: 'westeurope', properties },
  });
}

test('a vault makes twenty keys in ten seconds, the next is a 429 that uses nothing', async () => {
  await vaultNamed('kv-busy');
  await azure.advance(60);
  expect(await createTimes('kv-busy', 20)).toEqual(Array.from({ length: 20 }, () => 200));
  const refused = await create('kv-busy', 'one-more');
  expect(refused).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'Throttled', message: expect.stringContaining('VaultRequestType') } },
  });
  for (let count = 0; count < 5; count += 1) await create('kv-busy', 'one-more');
  await azure.advance(1);
  const statuses = await createTimes('kv-busy', 3);
  expect(statuses).toEqual([200, 200, 429]);
});

test('a request takes the more of the window the larger its key is', async () => {
  await vaultNamed('kv-mixed');
  await azure.advance(60);
  await create('kv-mixed', 'large', { kty: 'RSA', key_size: 3072 });
  await createTimes('kv-mixed', 18);
  const read = async (name: string) =>
    (await azure.ask('GET', `https://kv-mixed.vault.azure.net/keys/${name}`, { apiVersion: '7.5' }))
      .status;
  // A twentieth of the window is left: fifty uses of the large key, or two hundred of a small one.
  for (let count = 0; count < 49; count += 1) expect(await read('large')).toBe(200);
  for (let count = 0; count < 4; count += 1) expect(await read('key-1')).toBe(200);
  expect(await read('large')).toBe(429);
});

test('the vaults of a subscription in a region have five windows between them', async () => {
  const names = ['kv-1st', 'kv-2nd', 'kv-3rd', 'kv-4th', 'kv-5th', 'kv-6th'];
  for (const name of names) await vaultNamed(name);
  await azure.advance(60);
  for (const name of names.slice(0, 5)) await createTimes(name, 20);
  expect(await createTimes('kv-6th', 1)).toEqual([429]);
});

test('what clusters unwrap by themselves is taken off', async () => {
  await vaultNamed('kv-shared');
  await azure.advance(60);
  await createTimes('kv-shared', 20);
  await azure.look((tx) => {
    for (let count = 0; count < 4000; count += 1) {
      const binding = { vault: 'kv-shared', keyName: 'key-1', version: 'v', followsLatest: false };
      tx.put('storages', `clu-${count}`, { clusterId: `clu-${count}`, accounts: [], binding });
    }
  });
  await azure.advance(1);
  expect(await createTimes('kv-shared', 1)).toEqual([429]);
});
