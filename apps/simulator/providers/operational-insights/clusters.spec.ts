import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import { settingsOf, writeSettings } from '../../settings.ts';
import type { SimulatedAzure } from '../../simulated-azure.ts';
import { clusterAt, clusterBody, keyBody, provide, provideKey } from './spec-stories.ts';

let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

test('a creation is accepted with both URLs, an empty body and no Retry-After', async () => {
  const reply = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  expect(reply.status).toBe(202);
  expect(reply.body).toBeUndefined();
  expect(reply.headers['azure-asyncoperation']).toMatch(
    /^https:\/\/management\.azure\.com\/subscriptions\/.+\/operationstatuses\/[^?]+\?api-version=2015-11-01-preview&t=\d+&c=/u,
  );
  expect(reply.headers['location']).toMatch(
    /\/clusters\/fresh\/operationresults\/.+2025-07-01&t=/u,
  );
  expect(reply.headers).not.toHaveProperty('retry-after');
});

test('with --retry-after the time left is told', async () => {
  await azure.close();
  azure = await openSimulatedAzure({ retryAfter: true, pace: 10 });
  const reply = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  await azure.advance(100);
  const poll = await azure.ask('GET', reply.headers['azure-asyncoperation'] ?? '');
  expect(reply.headers['retry-after']).toBe('150');
  expect(poll.headers['retry-after']).toBe('50');
});

test('an operation URL answers as handed out and refuses any other form', async () => {
  const { headers } = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  const url = headers['azure-asyncoperation'] ?? '';
  const asGiven = await azure.ask('GET', url);
  const otherVersion = await azure.ask('GET', url.replace('2015-11-01-preview', '2025-07-01'));
  const altered = await azure.ask('GET', url.replace('&t=', '&t=1'));
  const longer = await azure.ask('GET', `${url}&x=1`);
  expect(asGiven.body).toMatchObject({ status: 'InProgress' });
  expect(asGiven.body).not.toHaveProperty('properties');
  expect(otherVersion.status).toBe(404);
  expect(otherVersion.body).toMatchObject({ error: { code: 'InvalidResourceType' } });
  expect([altered.status, longer.status]).toEqual([403, 403]);
});

test('with a switch, in any api-version', async () => {
  await azure.close();
  azure = await openSimulatedAzure({ switches: ['any-operation-version'] });
  const { headers } = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  const url = headers['azure-asyncoperation'] ?? '';
  const reply = await azure.ask('GET', url.replace('2015-11-01-preview', '2025-07-01'));
  expect(reply.body).toMatchObject({ status: 'InProgress' });
});

test('an ended operation says when, and is forgotten a day later', async () => {
  const { headers } = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  const url = headers['azure-asyncoperation'] ?? '';
  await azure.advance(25 * 60);
  const ended = await azure.ask('GET', url);
  await azure.advance(86_400);
  const forgotten = await azure.ask('GET', url);
  expect(ended.body).toMatchObject({ status: 'Succeeded', properties: {} });
  expect(ended.body).toHaveProperty('endTime');
  expect(forgotten.status).toBe(404);
});

test('the identity of a new cluster has its principal when the creation is through', async () => {
  await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody });
  const before = await azure.ask('GET', clusterAt('fresh'));
  await azure.advance(25 * 60);
  const after = await azure.ask('GET', clusterAt('fresh'));
  expect(before.body).toMatchObject({ properties: { provisioningState: 'Creating' } });
  expect(before.body).not.toHaveProperty('identity.principalId');
  expect(after.body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
  expect(after.body).toHaveProperty('identity.principalId');
});

describe('a key update', () => {
  const vault = 'kv-spec-bind';
  let version: string;

  beforeEach(async () => {
    const { identity } = await provide(azure, 'bound');
    const { principalId } = identity;
    version = await provideKey(azure, { vault, principalId, purgeProtection: true });
  });

  test('is 202 and empty today', async () => {
    const reply = await azure.ask('PATCH', clusterAt('bound'), keyBody(vault, version));
    expect(reply.status).toBe(202);
    expect(reply.body).toBeUndefined();
    expect(Object.keys(reply.headers)).toContain('location');
  });

  test('is 200 with a wrapper and one URL in the versions of 2021', async () => {
    const reply = await azure.ask('PATCH', clusterAt('bound'), {
      ...keyBody(vault, version),
      apiVersion: '2021-06-01',
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      message: 'The cluster upsert was successful',
      status: 0,
      cluster: { properties: { provisioningState: 'Updating', keyVaultProperties: {} } },
    });
    expect(Object.keys(reply.headers)).toContain('azure-asyncoperation');
    expect(Object.keys(reply.headers)).not.toContain('location');
  });

  test('with a switch, in every version', async () => {
    await azure.look((tx) => {
      writeSettings(tx, { ...settingsOf(tx), switches: ['wrapped-key-updates'] });
    });
    const reply = await azure.ask('PATCH', clusterAt('bound'), keyBody(vault, version));
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      cluster: { properties: { provisioningState: 'Updating' } },
    });
    expect(Object.keys(reply.headers)).toContain('azure-asyncoperation');
  });

  test('shows the old key until it is through', async () => {
    await azure.ask('PATCH', clusterAt('bound'), keyBody(vault, version));
    await azure.advance(119);
    const during = await azure.ask('GET', clusterAt('bound'));
    await azure.advance(1);
    const after = await azure.ask('GET', clusterAt('bound'));
    expect(during.body).toMatchObject({ properties: { provisioningState: 'Updating' } });
    expect(during.body).not.toHaveProperty('properties.keyVaultProperties');
    expect(after.body).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        keyVaultProperties: {
          keyVaultUri: `https://${vault}.vault.azure.net/`,
          keyName: 'kek',
          keyVersion: version,
          keyRsaSize: 0,
        },
      },
    });
  });

  test('fails, and leaves the old key, when the key is disabled while it runs', async () => {
    const { headers } = await azure.ask('PATCH', clusterAt('bound'), keyBody(vault, version));
    const key = `https://${vault}.vault.azure.net/keys/kek/${version}`;
    await azure.ask('PATCH', key, {
      apiVersion: '7.4',
      body: { attributes: { enabled: false } },
    });
    await azure.advance(120);
    const operation = await azure.ask('GET', headers['azure-asyncoperation'] ?? '');
    const cluster = await azure.ask('GET', clusterAt('bound'));
    expect(operation.body).toMatchObject({ status: 'Failed', error: { code: 'BadRequest' } });
    expect(cluster.body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
    expect(cluster.body).not.toHaveProperty('properties.keyVaultProperties');
  });

  test('with three empty strings removes the key; null and {} change nothing', async () => {
    await azure.ask('PATCH', clusterAt('bound'), keyBody(vault, version));
    await azure.advance(120);
    for (const keyVaultProperties of [null, {}]) {
      await azure.ask('PATCH', clusterAt('bound'), {
        body: { properties: { keyVaultProperties } },
      });
    }
    const kept = await azure.ask('GET', clusterAt('bound'));
    const nothing = { keyVaultUri: '', keyName: '', keyVersion: '' };
    await azure.ask('PATCH', clusterAt('bound'), {
      body: { properties: { keyVaultProperties: nothing } },
    });
    await azure.advance(120);
    const cleared = await azure.ask('GET', clusterAt('bound'));
    expect(kept.body).toHaveProperty('properties.keyVaultProperties.keyName', 'kek');
    expect(cleared.body).not.toHaveProperty('properties.keyVaultProperties');
  });

  test('by a PUT that repeats the unchanged identity is accepted, as az sends it', async () => {
    const { body } = keyBody(vault, version);
    const whole = { ...clusterBody, ...(body as object) };
    const reply = await azure.ask('PUT', clusterAt('bound'), { body: whole });
    expect(reply.status).toBe(202);
  });
});

test('key and another identity in one PATCH are refused', async () => {
  await provide(azure, 'bound');
  const { body } = keyBody('kv-any', '');
  const reply = await azure.ask('PATCH', clusterAt('bound'), {
    body: { ...(body as object), identity: { type: 'None' } },
  });
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ error: { message: expect.stringMatching(/^Identity and/u) } });
});

test('an identity of None cannot be taken back', async () => {
  await provide(azure, 'locked');
  await azure.ask('PATCH', clusterAt('locked'), { body: { identity: { type: 'None' } } });
  await azure.advance(60);
  const body = { identity: { type: 'SystemAssigned' } };
  const reply = await azure.ask('PATCH', clusterAt('locked'), { body });
  expect(reply.status).toBe(400);
});

test('tags, tier and billing change at once; a lower tier is possible after 31 days', async () => {
  await provide(azure, 'tiers');
  const sku = { name: 'CapacityReservation', capacity: 500 };
  const changed = await azure.ask('PATCH', clusterAt('tiers'), {
    body: { tags: { team: 'audit' }, properties: { billingType: 'workspaces' } },
  });
  const early = await azure.ask('PATCH', clusterAt('tiers'), { body: { sku } });
  await azure.advance(31 * 86_400);
  const later = await azure.ask('PATCH', clusterAt('tiers'), { body: { sku } });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({
    tags: { team: 'audit' },
    properties: { billingType: 'Workspaces', provisioningState: 'Succeeded' },
  });
  expect(early.status).toBe(400);
  expect(later.body).toMatchObject({ sku: { capacity: 500 } });
});

test('dates, words and members follow the api-version of the request', async () => {
  await azure.ask('PUT', clusterAt('old'), { body: clusterBody });
  const creating = await azure.ask('GET', clusterAt('old'), { apiVersion: '2020-08-01' });
  await azure.advance(25 * 60);
  const of2021 = await azure.ask('GET', clusterAt('old'), { apiVersion: '2021-06-01' });
  const of2025 = await azure.ask('GET', clusterAt('old'), { apiVersion: '2025-07-01' });
  expect(creating.body).toMatchObject({
    properties: { provisioningState: 'ProvisioningAccount', keyVaultProperties: {} },
  });
  for (const later of ['isDoubleEncryptionEnabled', 'billingType']) {
    expect(creating.body).not.toHaveProperty(`properties.${later}`);
    expect(of2021.body).toHaveProperty(`properties.${later}`);
  }
  expect(of2021.body).toHaveProperty('sku.lastSkuUpdate');
  expect(of2021.body).toHaveProperty(
    'properties.createdDate',
    expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} .* GMT$/u),
  );
  expect(of2025.body).not.toHaveProperty('sku.lastSkuUpdate');
  expect(of2025.body).toHaveProperty(
    'properties.createdDate',
    expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
  );
});

test('a region takes five clusters, deleted ones counting to seven', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 6; index += 1) {
    const reply = await azure.ask('PUT', clusterAt(`many-${index}`), { body: clusterBody });
    statuses.push(reply.status);
  }
  await azure.advance(25 * 60);
  for (const name of ['many-0', 'many-1', 'many-2']) await azure.ask('DELETE', clusterAt(name));
  await azure.advance(1);
  for (const name of ['next-0', 'next-1', 'next-2']) {
    statuses.push((await azure.ask('PUT', clusterAt(name), { body: clusterBody })).status);
  }
  expect(statuses).toEqual([202, 202, 202, 202, 202, 400, 202, 202, 400]);
});

test('a deletion is at once and 200 in the versions of 2021, an operation later', async () => {
  await provide(azure, 'old');
  await provide(azure, 'new');
  const old = await azure.ask('DELETE', clusterAt('old'), { apiVersion: '2021-06-01' });
  const gone = await azure.ask('GET', clusterAt('old'));
  const today = await azure.ask('DELETE', clusterAt('new'));
  const going = await azure.ask('GET', clusterAt('new'));
  await azure.advance(1);
  const absent = await azure.ask('DELETE', clusterAt('new'));
  expect([old.status, gone.status, today.status]).toEqual([200, 404, 202]);
  expect(going.body).toMatchObject({ properties: { provisioningState: 'Deleting' } });
  expect(absent.status).toBe(204);
});

test('what is fixed at creation cannot be changed, and repeating it is no change', async () => {
  await provide(azure, 'fixed');
  for (const name of ['isDoubleEncryptionEnabled', 'isAvailabilityZonesEnabled']) {
    const ask = async (value: boolean): Promise<number> => {
      const body = { properties: { [name]: value } };
      return (await azure.ask('PATCH', clusterAt('fixed'), { body })).status;
    };
    expect([await ask(false), await ask(true)]).toEqual([400, 200]);
  }
});

test('while a key update runs the cluster is neither deleted nor updated again', async () => {
  const { identity } = await provide(azure, 'busy');
  const { principalId } = identity;
  const version = await provideKey(azure, {
    vault: 'kv-spec-busy',
    principalId,
    purgeProtection: true,
  });
  await azure.ask('PATCH', clusterAt('busy'), keyBody('kv-spec-busy', version));
  const again = await azure.ask('PATCH', clusterAt('busy'), keyBody('kv-spec-busy', version));
  const deleted = await azure.ask('DELETE', clusterAt('busy'));
  expect([again.status, deleted.status]).toEqual([400, 409]);
});

test('without clusters/write nothing is created', async () => {
  const reply = await azure.ask('PUT', clusterAt('fresh'), { body: clusterBody, as: 'reader' });
  expect(reply.status).toBe(403);
  expect(reply.body).toMatchObject({
    error: {
      code: 'AuthorizationFailed',
      message: expect.stringContaining("'Microsoft.OperationalInsights/clusters/write'"),
    },
  });
});

test('read-only members are refused', async () => {
  await provide(azure, 'strict');
  const reply = await azure.ask('PATCH', clusterAt('strict'), {
    body: { properties: { associatedWorkspaces: [] } },
  });
  expect(reply.body).toMatchObject({
    error: { code: 'InvalidParameter', target: 'properties.associatedWorkspaces' },
  });
});
