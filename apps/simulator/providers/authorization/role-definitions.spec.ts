import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { principalOf, refusal } from '../../key-vault/spec-vault.ts';
import { setRights } from '../../seeds/set-rights.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { roleByName } from './built-in-roles.ts';

const apiVersion = '2022-04-01';
const BASE = 'providers/Microsoft.Authorization';
let azure: SimulatedAzure;
let subscription: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  subscription = `/subscriptions/${azure.subscriptionId}`;
});

afterEach(async () => {
  await azure.close();
});

const withoutVaults = {
  roleName: 'Contributor without vaults',
  description: 'Manages all but vaults.',
  type: 'CustomRole',
  permissions: [{ actions: ['*'], notActions: ['Microsoft.KeyVault/vaults/write'] }],
};

async function define(guid: string, properties: object = withoutVaults): Promise<Reply> {
  const place = `${subscription}/${BASE}/roleDefinitions/${guid}`;
  return await azure.ask('PUT', place, { apiVersion, body: { properties } });
}

async function assign(guid: string, name = randomUUID()): Promise<Reply> {
  const principalId = (await principalOf(azure, 'reader')).objectId;
  const place = `${subscription}/${BASE}/roleAssignments/${name}`;
  const body = { properties: { principalId, roleDefinitionId: guid } };
  return await azure.ask('PUT', place, { apiVersion, body });
}

async function permissionsOf(as: string): Promise<{ actions: string[]; notActions: string[] }[]> {
  const place = `${subscription}/resourceGroups/rg-logs/${BASE}/permissions`;
  const { body } = await azure.ask('GET', place, { apiVersion, as });
  return (body as { value: { actions: string[]; notActions: string[] }[] }).value;
}

test('a custom role is defined, assigned, listed by type and read', async () => {
  const guid = randomUUID();
  expect((await define(guid)).status).toBe(201);
  expect((await assign(guid)).status).toBe(201);
  const filter = encodeURIComponent("type eq 'CustomRole'");
  const list = await azure.ask('GET', `${subscription}/${BASE}/roleDefinitions?$filter=${filter}`, {
    apiVersion,
  });
  expect(list.body).toMatchObject({
    value: [{ name: guid, properties: { roleName: 'Contributor without vaults' } }],
  });
});

test('what a custom role excludes is refused by name of the action, and seen in the permissions', async () => {
  const guid = randomUUID();
  await define(guid);
  await assign(guid);
  await azure.advance(120);
  const reply = await azure.ask('PUT', 'Microsoft.KeyVault/vaults/kv-none', {
    apiVersion: '2023-07-01',
    as: 'reader',
    body: { location: 'westeurope' },
  });
  expect(refusal(reply)[1]).toBe('AuthorizationFailed');
  expect(JSON.stringify(reply.body)).toContain('Microsoft.KeyVault/vaults/write');
  expect(await permissionsOf('reader')).toMatchObject([withoutVaults.permissions[0]]);
});

test('a role that somebody holds cannot be deleted, another name twice cannot be taken', async () => {
  const guid = randomUUID();
  await define(guid);
  await assign(guid);
  const at = `${subscription}/${BASE}/roleDefinitions/${guid}`;
  expect(refusal(await azure.ask('DELETE', at, { apiVersion }))[1]).toBe(
    'RoleDefinitionHasAssignments',
  );
  expect(refusal(await define(randomUUID()))[1]).toBe('RoleDefinitionWithSameNameExists');
});

test('built-in roles cannot be changed or deleted', async () => {
  const { guid } = roleByName('Reader');
  expect((await define(guid, { ...withoutVaults, roleName: 'mine' })).status).toBe(400);
  const at = `${subscription}/${BASE}/roleDefinitions/${guid}`;
  expect((await azure.ask('DELETE', at, { apiVersion })).status).toBe(400);
});

test('defining a role needs the right to', async () => {
  const place = `${subscription}/${BASE}/roleDefinitions/${randomUUID()}`;
  const body = { properties: withoutVaults };
  const reply = await azure.ask('PUT', place, { apiVersion, as: 'reader', body });
  expect(refusal(reply)).toEqual([403, 'AuthorizationFailed', undefined]);
});

test('rights set from outside count at once, and permissions follow', async () => {
  const missing = 'Microsoft.OperationalInsights/workspaces/linkedServices/write';
  await azure.look((tx) => setRights(tx, { principal: 'keyturn', without: [missing] }));
  const narrowed = await permissionsOf('keyturn');
  expect(narrowed.map(({ notActions }) => notActions.includes(missing))).toEqual([true, true]);
  const link = await azure.ask(
    'PUT',
    'Microsoft.OperationalInsights/workspaces/ws-payments/linkedServices/cluster',
    { apiVersion: '2020-08-01', as: 'keyturn', body: {} },
  );
  expect(refusal(link)).toEqual([403, 'AuthorizationFailed', undefined]);
  await azure.look((tx) => setRights(tx, { principal: 'keyturn' }));
  expect(await permissionsOf('keyturn')).toEqual(
    ['Contributor', 'User Access Administrator'].map((name) => roleByName(name).permission),
  );
});

test('rights at a group leave those of the subscription alone', async () => {
  const scope = `${subscription}/resourceGroups/rg-logs`;
  await azure.look((tx) => setRights(tx, { principal: 'reader', roles: ['Reader'], scope }));
  expect(await permissionsOf('reader')).toEqual([roleByName('Reader').permission]);
  await azure.look((tx) => setRights(tx, { principal: 'reader', roles: [], scope }));
  expect(await permissionsOf('reader')).toEqual([]);
});

test('an owner takes the roles of somebody away through the API, and permissions follow', async () => {
  const { objectId } = await principalOf(azure, 'keyturn');
  const filter = encodeURIComponent(`principalId eq '${objectId}'`);
  const place = `${subscription}/${BASE}/roleAssignments`;
  const { body } = await azure.ask('GET', `${place}?$filter=${filter}`, { apiVersion });
  for (const { id, properties } of (body as { value: Assigned[] }).value) {
    if (properties.scope === subscription) await azure.ask('DELETE', id, { apiVersion });
  }
  await azure.advance(180);
  expect(await permissionsOf('keyturn')).toEqual([]);
});

interface Assigned {
  id: string;
  properties: { scope: string };
}
