import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVault, principalOf, refusal } from '../../key-vault/spec-vault.ts';
import type { SpecVault } from '../../key-vault/spec-vault.ts';
import { settingsOf, writeSettings } from '../../settings.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { roleByName } from './built-in-roles.ts';

const apiVersion = '2022-04-01';
const MINUTE = 60;
let azure: SimulatedAzure;
let vault: SpecVault;
let principalId: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  vault = await openVault(azure, {
    name: 'kv-roles',
    properties: { enableRbacAuthorization: true },
  });
  principalId = (await principalOf(azure, 'reader')).objectId;
});

afterEach(async () => {
  await azure.close();
});

interface Grant {
  name?: string;
  role?: string;
  principalId?: string;
  principalType?: string;
  as?: string;
}

function at(name: string): string {
  return `${vault.at}/providers/Microsoft.Authorization/roleAssignments/${name}`;
}

async function assign(grant: Grant = {}): Promise<Reply> {
  const { name = randomUUID(), role = 'Key Vault Crypto User', as = 'owner', ...rest } = grant;
  const roleDefinitionId = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleByName(role).guid}`;
  const properties = { principalId, ...rest, roleDefinitionId };
  return await azure.ask('PUT', at(name), { apiVersion, as, body: { properties } });
}

async function mayRead(): Promise<boolean> {
  const reply = await vault.keys('GET', '/keys/none', { as: 'reader' });
  return reply.status === 404;
}

test('an assignment counts two minutes after it was made, and three after it was taken away', async () => {
  const name = randomUUID();
  expect((await assign({ name })).status).toBe(201);
  await azure.advance(2 * MINUTE - 1);
  expect(await mayRead()).toBe(false);
  await azure.advance(1);
  expect(await mayRead()).toBe(true);
  expect((await azure.ask('DELETE', at(name), { apiVersion })).status).toBe(200);
  expect((await azure.ask('GET', at(name), { apiVersion })).status).toBe(404);
  expect(await mayRead()).toBe(true);
  await azure.advance(3 * MINUTE);
  expect(await mayRead()).toBe(false);
});

test('the pace divides the delay', async () => {
  await azure.close();
  azure = await openSimulatedAzure({ pace: 60 });
  vault = await openVault(azure, {
    name: 'kv-roles',
    properties: { enableRbacAuthorization: true },
  });
  principalId = (await principalOf(azure, 'reader')).objectId;
  await assign();
  await azure.advance(2);
  expect(await mayRead()).toBe(true);
});

test('a role on one key says nothing about another', async () => {
  const scope = `${vault.at}/keys/one/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const roleDefinitionId = roleByName('Key Vault Crypto User').guid;
  await azure.ask('PUT', scope, {
    apiVersion,
    body: { properties: { principalId, roleDefinitionId } },
  });
  await azure.advance(2 * MINUTE);
  const ask = async (key: string) =>
    (await vault.keys('GET', `/keys/${key}`, { as: 'reader' })).status;
  expect([await ask('one'), await ask('two')]).toEqual([404, 403]);
});

test('repeated it is a 200, under another name a conflict, with another principal refused', async () => {
  const name = randomUUID();
  await assign({ name });
  expect((await assign({ name })).status).toBe(200);
  expect((await assign()).body).toEqual({
    error: { code: 'RoleAssignmentExists', message: 'The role assignment already exists.' },
  });
  const reused = await assign({ name, principalId: vault.ownerId });
  expect(refusal(reused)).toEqual([400, 'RoleAssignmentUpdateNotPermitted', undefined]);
});

test('a principal the directory does not know needs its type said', async () => {
  const stranger = randomUUID();
  expect(refusal(await assign({ principalId: stranger }))[1]).toBe('PrincipalNotFound');
  const said = await assign({ principalId: stranger, principalType: 'ServicePrincipal' });
  expect(said.status).toBe(201);
});

async function newIdentity(): Promise<string> {
  const made = await azure.ask('PUT', 'Microsoft.ManagedIdentity/userAssignedIdentities/id-new', {
    apiVersion: '2023-01-31',
    body: { location: 'westeurope' },
  });
  return (made.body as { properties: { principalId: string } }).properties.principalId;
}

test('with a switch an identity made just now is found at once', async () => {
  await azure.look((tx) => {
    writeSettings(tx, { ...settingsOf(tx), switches: ['identities-at-once'] });
  });
  expect((await assign({ principalId: await newIdentity() })).status).toBe(201);
});

test('an identity made just now is not found for a minute, unless its type is said', async () => {
  const fresh = await newIdentity();
  expect(refusal(await assign({ principalId: fresh }))).toEqual([
    400,
    'PrincipalNotFound',
    undefined,
  ]);
  const said = await assign({
    principalId: fresh,
    principalType: 'ServicePrincipal',
    role: 'Key Vault Reader',
  });
  expect(said.status).toBe(201);
  await azure.advance(MINUTE);
  expect((await assign({ principalId: fresh })).status).toBe(201);
});

test('a grant of the group or the subscription opens the vaults in it, one of another group does not', async () => {
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  await azure.ask('PUT', `${subscription}/resourceGroups/rg-other`, {
    apiVersion: '2021-04-01',
    body: { location: 'westeurope' },
  });
  const grantAt = async (scope: string, role: string): Promise<void> => {
    const place = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const properties = { principalId, roleDefinitionId: roleByName(role).guid };
    await azure.ask('PUT', place, { apiVersion, body: { properties } });
    await azure.advance(2 * MINUTE);
  };
  await grantAt(`${subscription}/resourceGroups/rg-other`, 'Key Vault Crypto User');
  expect(await mayRead()).toBe(false);
  await grantAt(`${subscription}/resourceGroups/rg-logs`, 'Key Vault Crypto User');
  expect(await mayRead()).toBe(true);
  const rotate = async (): Promise<number> =>
    (await vault.keys('POST', '/keys/none/rotate', { as: 'reader' })).status;
  expect(await rotate()).toBe(403);
  await grantAt(subscription, 'Key Vault Crypto Officer');
  expect(await rotate()).toBe(404);
});

test('a vault with roles goes by them alone, one without goes by its access policies alone', async () => {
  await vault.policies('add', [{ objectId: principalId, keys: ['get'] }]);
  await azure.advance(MINUTE);
  expect(await mayRead()).toBe(false);
  await vault.patch({ enableRbacAuthorization: false });
  expect(await mayRead()).toBe(true);
  await vault.policies('remove', [{ objectId: principalId, keys: ['get'] }]);
  await assign();
  await azure.advance(3 * MINUTE);
  expect(await mayRead()).toBe(false);
  await vault.patch({ enableRbacAuthorization: true });
  expect(await mayRead()).toBe(true);
});

test('who may not assign is refused by name of the action', async () => {
  const reply = await assign({ as: 'reader' });
  expect(refusal(reply)[1]).toBe('AuthorizationFailed');
  expect(JSON.stringify(reply.body)).toContain('Microsoft.Authorization/roleAssignments/write');
});

test('lists filter by principal, and by what stands at the scope or above', async () => {
  await assign();
  const list = async (scope: string, filter: string): Promise<number> => {
    const place = `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=${encodeURIComponent(filter)}`;
    const reply = await azure.ask('GET', place, { apiVersion });
    return (reply.body as { value: unknown[] }).value.length;
  };
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  const mine = `principalId eq '${principalId}'`;
  expect(await list(vault.at, mine)).toBe(1);
  expect(await list(subscription, mine)).toBe(1);
  expect(await list(subscription, 'atScope()')).toBe(3);
});

test('a recovered vault comes back without its role assignments', async () => {
  const name = randomUUID();
  await assign({ name });
  await azure.advance(2 * MINUTE);
  await azure.ask('DELETE', vault.at, { apiVersion: '2023-07-01' });
  await azure.ask('PUT', vault.at, {
    apiVersion: '2023-07-01',
    body: { location: 'westeurope', properties: { createMode: 'recover' } },
  });
  await azure.advance(MINUTE);
  expect(await mayRead()).toBe(false);
  expect((await azure.ask('GET', at(name), { apiVersion })).status).toBe(404);
});

test('permissions tell what the caller may do, on a group and on a resource', async () => {
  const ask = async (place: string): Promise<unknown> =>
    (await azure.ask('GET', place, { apiVersion, as: 'keyturn' })).body;
  const group = `/subscriptions/${azure.subscriptionId}/resourceGroups/rg-logs`;
  const contributor = roleByName('Contributor').permission;
  const administrator = roleByName('User Access Administrator').permission;
  const expected = { value: [contributor, administrator] };
  expect(await ask(`${group}/providers/Microsoft.Authorization/permissions`)).toEqual(expected);
  expect(await ask(`${vault.at}/providers/Microsoft.Authorization/permissions`)).toEqual(expected);
});

test('role definitions are found by GUID and by name', async () => {
  const base = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
  const wanted = 'Key Vault Crypto Service Encryption User';
  const filter = encodeURIComponent(`roleName eq '${wanted}'`);
  const list = await azure.ask('GET', `${base}?$filter=${filter}`, { apiVersion });
  const guid = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';
  const one = await azure.ask('GET', `${base}/${guid}`, { apiVersion });
  expect(list.body).toMatchObject({ value: [{ name: guid }] });
  expect(one.body).toMatchObject({ properties: { roleName: wanted, type: 'BuiltInRole' } });
});
