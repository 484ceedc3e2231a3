import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSimulatedAzure } from './simulated-azure.ts';
import type { SimulatedAzure } from './simulated-azure.ts';

let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

const clusters = 'Microsoft.OperationalInsights/clusters';

test('an unknown type is a 404 in the words of Resource Manager, and marked', async () => {
  const reply = await azure.ask('GET', 'Microsoft.OperationalInsights/querypacks');
  expect(reply).toMatchObject({
    status: 404,
    unimplemented: true,
    body: { error: { code: 'InvalidResourceType' } },
  });
});

test('a request without api-version, or with an unknown one, is a 400 that says so', async () => {
  const none = await azure.ask('GET', `${clusters}?api-version=`);
  const unknown = await azure.ask('GET', clusters, { apiVersion: '1999-01-01' });
  expect(none).toMatchObject({
    status: 400,
    body: { error: { code: 'MissingApiVersionParameter' } },
  });
  expect(unknown).toMatchObject({
    status: 400,
    body: { error: { code: 'NoRegisteredProviderFound' } },
  });
});

test('an unknown subscription and an unknown group are told apart', async () => {
  const rest = `providers/${clusters}`;
  const subscription = await azure.ask('GET', `/subscriptions/none/${rest}`);
  const group = await azure.ask(
    'GET',
    `/subscriptions/${azure.subscriptionId}/resourceGroups/none/${rest}`,
  );
  expect(subscription.body).toMatchObject({ error: { code: 'SubscriptionNotFound' } });
  expect(group.body).toEqual({
    error: { code: 'ResourceGroupNotFound', message: "Resource group 'none' could not be found." },
  });
});

test('a request without a usable token gets the challenge of its service', async () => {
  const headers = { authorization: 'Bearer nonsense' };
  const arm = await azure.ask('GET', clusters, { headers });
  const vault = await azure.ask('GET', 'https://kv.vault.azure.net/keys', { headers });
  expect(arm).toMatchObject({
    status: 401,
    body: { error: { code: 'InvalidAuthenticationToken' } },
  });
  expect(vault.status).toBe(401);
  expect(vault.headers['www-authenticate']).toMatch(
    /^Bearer authorization="https:\/\/login\.microsoftonline\.com\/[^"]+", resource="https:\/\/vault\.azure\.net"$/u,
  );
});

test('reads are counted down, and the one too many is a 429 with Retry-After', async () => {
  const first = await azure.ask('GET', clusters);
  expect(first.headers).toMatchObject({
    'x-ms-ratelimit-remaining-subscription-reads': '249',
    'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
  });
  let last = first;
  for (let count = 0; count < 4_000 && last.status === 200; count += 1) {
    last = await azure.ask('GET', clusters);
  }
  expect(last).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'SubscriptionRequestsThrottled' } },
  });
  await azure.advance(10);
  expect((await azure.ask('GET', clusters)).status).toBe(200);
});

test('the activity log tells an operation from start to end under one correlation', async () => {
  const began = azure.world.clock.now();
  const place = `${clusters}/told`;
  await azure.ask('PUT', place, {
    headers: { 'x-ms-correlation-request-id': 'story-1' },
    body: {
      location: 'westeurope',
      sku: { name: 'CapacityReservation', capacity: 500 },
      identity: { type: 'SystemAssigned' },
    },
  });
  await azure.ask('PATCH', place, { body: { tags: {} } });
  await azure.advance(25 * 60 + 180);
  const resource = `/subscriptions/${azure.subscriptionId}/resourceGroups/rg-logs/providers/${place}`;
  const events = async (filter: string): Promise<unknown[]> => {
    const query = new URLSearchParams({ 'api-version': '2015-04-01', $filter: filter });
    const path = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
    const reply = await azure.ask('GET', `${path}?${query.toString()}`);
    return (reply.body as { value: unknown[] }).value;
  };
  const since = `eventTimestamp ge '${new Date(began).toISOString()}'`;
  const told = await events(`${since} and resourceUri eq '${resource.toUpperCase()}'`);
  const operation = { value: 'Microsoft.OperationalInsights/clusters/write' };
  expect(told).toMatchObject([
    { status: { value: 'Succeeded' }, correlationId: 'story-1', operationName: operation },
    { status: { value: 'Failed' }, subStatus: { value: 'BadRequest' } },
    { status: { value: 'Accepted' }, correlationId: 'story-1' },
    { status: { value: 'Started' }, correlationId: 'story-1' },
  ]);
  const until = new Date(began + 60_000).toISOString();
  expect(
    await events(`${since} and eventTimestamp le '${until}' and resourceGroupName eq 'RG-LOGS'`),
  ).toHaveLength(3);
  expect(await events(`${since} and resourceUri eq '/subscriptions/other'`)).toEqual([]);
});

test('the activity log shows an event three minutes after it happened, to those who may read it', async () => {
  const place = `${clusters}/short`;
  await azure.ask('PUT', place, {
    body: {
      location: 'westeurope',
      sku: { name: 'CapacityReservation', capacity: 500 },
      identity: { type: 'SystemAssigned' },
    },
  });
  await azure.advance(25 * 60);
  await azure.ask('DELETE', place);
  const query = new URLSearchParams({
    'api-version': '2015-04-01',
    $filter: `eventTimestamp ge '2000-01-01T00:00:00Z'`,
  });
  const path = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values?${query.toString()}`;
  const deletions = async (as: string): Promise<number> => {
    const { body } = await azure.ask('GET', path, { as });
    return (body as { value: { operationName: { value: string } }[] }).value.filter(
      ({ operationName }) => operationName.value.endsWith('clusters/delete'),
    ).length;
  };
  await azure.advance(179);
  expect(await deletions('keyturn')).toBe(0);
  await azure.advance(2);
  expect(await deletions('keyturn')).toBe(3);
  const refused = await azure.ask('GET', path, { as: 'reader' });
  expect(refused).toMatchObject({
    status: 403,
    body: { error: { code: 'AuthorizationFailed' } },
  });
});

test('the activity log needs a lower bound', async () => {
  const path = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
  const reply = await azure.ask('GET', path, { apiVersion: '2015-04-01' });
  expect(reply.status).toBe(400);
});

test('reads leave nothing behind, in memory or in the journal', async () => {
  const left = () => ({
    journal: statSync(join(azure.folder, 'journal.jsonl')).size,
    documents: azure.world.store
      .collections()
      .map((name) => [name, azure.world.store.read(name).length]),
  });
  const before = left();
  for (let count = 0; count < 200; count += 1) {
    await azure.ask('GET', clusters);
    await azure.ask('GET', `${clusters}/clu-none`);
    await azure.ask('GET', 'https://kv-none.vault.azure.net/keys', { apiVersion: '7.5' });
  }
  expect(left()).toEqual(before);
});
