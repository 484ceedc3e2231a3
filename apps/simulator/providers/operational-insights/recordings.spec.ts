/** What recordings of the service showed from 2020 to 2025, each by the api-version that was asked with. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { clusterAt, clusterBody, keyBody, linkAt, provide, provideKey } from './spec-stories.ts';

let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

const rfc1123 = expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/u);
const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/u);
const workspaceAt = (name: string): string => `Microsoft.OperationalInsights/workspaces/${name}`;
const get = async (place: string, apiVersion: string): Promise<Reply> =>
  await azure.ask('GET', place, { apiVersion });
const member = (reply: Reply, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], reply.body);

test.each(['2021-06-01', '2022-10-01', '2025-02-01'])(
  'a creation of %s is a 202 without a body, its two URLs of one id and of two versions',
  async (apiVersion) => {
    const { status, body, headers } = await azure.ask('PUT', clusterAt('clu'), {
      body: clusterBody,
      apiVersion,
    });
    const [operation, result] = ['azure-asyncoperation', 'location'].map(
      (name) => new URL(headers[name] ?? ''),
    );
    expect([status, body]).toEqual([202, undefined]);
    expect(operation?.pathname.split('/').at(-1)).toBe(result?.pathname.split('/').at(-1));
    expect(operation?.searchParams.get('api-version')).toBe('2015-11-01-preview');
    expect(result?.searchParams.get('api-version')).toBe(apiVersion);
    expect(operation?.searchParams.get('s')).not.toBe(result?.searchParams.get('s'));
  },
);

test('an operation begun in 2020 tells text dates and no properties, later ones ISO dates and empty ones', async () => {
  const begin = async (name: string, apiVersion: string): Promise<string> => {
    const { headers } = await azure.ask('PUT', clusterAt(name), { body: clusterBody, apiVersion });
    return headers['azure-asyncoperation'] ?? '';
  };
  const old = await begin('clu-old', '2020-10-01');
  const today = await begin('clu-new', '2025-02-01');
  await azure.advance(25 * 60);
  const before = await azure.ask('GET', old);
  expect(before.body).toMatchObject({ startTime: rfc1123, endTime: rfc1123 });
  expect(before.body).not.toHaveProperty('properties');
  const after = await azure.ask('GET', today);
  expect(after.body).toMatchObject({ startTime: iso, endTime: iso, properties: {} });
});

test('at 2025-02-01 a cluster has text dates beside the ISO date of its revert period', async () => {
  await provide(azure, 'clu');
  const reply = await get(clusterAt('clu'), '2025-02-01');
  expect(reply.body).toMatchObject({
    sku: { name: 'CapacityReservation' },
    tags: {},
    properties: {
      createdDate: rfc1123,
      lastModifiedDate: rfc1123,
      isDoubleEncryptionEnabled: true,
      isAvailabilityZonesEnabled: true,
      associatedWorkspaces: [],
      capacityReservationProperties: { minCapacity: 100, revertPeriodEndTime: iso },
    },
  });
  const created = Date.parse(String(member(reply, 'properties.createdDate')));
  const revert = member(reply, 'properties.capacityReservationProperties.revertPeriodEndTime');
  expect(Math.floor(Date.parse(String(revert)) / 1000) * 1000).toBe(created + 6 * 3_600_000);
  const earlier = await get(clusterAt('clu'), '2022-10-01');
  expect(earlier.body).not.toHaveProperty(
    'properties.capacityReservationProperties.revertPeriodEndTime',
  );
});

test('a PUT of another tier or other tags is done at once, and only the tier moves the day of the tier', async () => {
  await provide(azure, 'clu');
  const put = async (change: object) =>
    await azure.ask('PUT', clusterAt('clu'), { body: { ...clusterBody, ...change } });
  const tier = 'properties.capacityReservationProperties.lastSkuUpdate';
  const first = member(await get(clusterAt('clu'), '2025-07-01'), tier);
  await azure.advance(60);
  const tagged = await put({ tags: { team: 'a' } });
  expect(tagged).toMatchObject({
    status: 200,
    body: { tags: { team: 'a' }, properties: { provisioningState: 'Succeeded' } },
  });
  expect(member(tagged, tier)).toBe(first);
  const raised = await put({ tags: { team: 'a' }, sku: { ...clusterBody.sku, capacity: 2000 } });
  expect(raised).toMatchObject({ status: 200, body: { sku: { capacity: 2000 } } });
  expect(member(raised, tier)).not.toBe(first);
  expect(tagged.headers).not.toHaveProperty('azure-asyncoperation');
});

describe('a bound key', () => {
  const vault = 'kv-recorded';

  beforeEach(async () => {
    const { identity } = await provide(azure, 'clu');
    await provideKey(azure, { vault, principalId: identity.principalId, purgeProtection: true });
  });

  const keyOf = async (apiVersion: string): Promise<unknown> =>
    member(await get(clusterAt('clu'), apiVersion), 'properties.keyVaultProperties');

  test('comes back with a port in 2020, with a slash later, its size from 2020-10-01 on', async () => {
    await azure.ask('PATCH', clusterAt('clu'), keyBody(vault, ''));
    await azure.advance(120);
    const key = { keyName: 'kek', keyVersion: '' };
    const [port, slash] = [
      `https://${vault}.vault.azure.net:443`,
      `https://${vault}.vault.azure.net/`,
    ];
    expect(await keyOf('2020-08-01')).toEqual({ keyVaultUri: port, ...key });
    expect(await keyOf('2020-10-01')).toEqual({ keyVaultUri: port, ...key, keyRsaSize: 0 });
    expect(await keyOf('2021-06-01')).toEqual({ keyVaultUri: slash, ...key, keyRsaSize: 0 });
    expect(await keyOf('2025-07-01')).toEqual({ keyVaultUri: slash, ...key, keyRsaSize: 0 });
  });

  test('by a PUT takes five minutes, and was modified when they began', async () => {
    const { body } = keyBody(vault, '') as { body: { properties: object } };
    const began = await azure.look((tx) => tx.now);
    const reply = await azure.ask('PUT', clusterAt('clu'), { body: { ...clusterBody, ...body } });
    expect([reply.status, reply.body]).toEqual([202, undefined]);
    await azure.advance(299);
    expect((await get(clusterAt('clu'), '2025-07-01')).body).toMatchObject({
      properties: { provisioningState: 'Updating' },
    });
    await azure.advance(1);
    expect((await get(clusterAt('clu'), '2025-07-01')).body).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        lastModifiedDate: new Date(began).toISOString(),
        keyVaultProperties: { keyName: 'kek' },
      },
    });
  });
});

test('a link answers with ids in lower case, with both URLs since 2021, and is called by its workspace in 2020', async () => {
  const { id } = await provide(azure, 'CLU-Upper');
  const body = { properties: { writeAccessResourceId: id } };
  const linked = await azure.ask('PUT', linkAt('ws-audit'), { body, apiVersion: '2021-06-01' });
  expect([linked.status, linked.body]).toEqual([202, undefined]);
  expect(linked.headers['location']).toMatch(/\/linkedservices\/cluster\/operationresults\//u);
  expect(linked.headers['azure-asyncoperation']).toContain('api-version=2015-11-01-preview');
  await azure.advance(18 * 60);
  const [of2020, today] = [
    await get(linkAt('ws-audit'), '2020-08-01'),
    await get(linkAt('ws-audit'), '2025-07-01'),
  ];
  expect([member(of2020, 'name'), member(today, 'name')]).toEqual(['ws-audit/Cluster', 'Cluster']);
  expect(member(today, 'properties.writeAccessResourceId')).toBe(id.toLowerCase());
  expect(member(today, 'id')).toBe(String(member(today, 'id')).toLowerCase());
});

test('a workspace of 2022-10-01 and later has its sku as sent, ISO dates and a Location; one recovered its old id', async () => {
  const body = { location: 'westeurope', properties: { sku: { name: 'PerGB2018' } } };
  const made = await azure.ask('PUT', workspaceAt('ws-new'), { body, apiVersion: '2022-10-01' });
  expect(made).toMatchObject({
    status: 201,
    headers: { location: expect.stringContaining('/workspaces/ws-new') },
    body: { properties: { sku: { name: 'PerGB2018' }, createdDate: iso } },
  });
  await azure.advance(60);
  await azure.ask('DELETE', workspaceAt('ws-new'));
  const recovered = await azure.ask('PUT', workspaceAt('ws-new'), {
    body: { location: 'westeurope' },
  });
  expect(recovered.status).toBe(200);
  expect(member(recovered, 'properties.customerId')).toBe(member(made, 'properties.customerId'));
});
