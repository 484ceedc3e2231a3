import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storageState } from '../../cluster-storage.ts';
import { openVault, refusal } from '../../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { roleByName } from '../authorization/built-in-roles.ts';
import { clusterAt, clusterBody, idOf, keyBody, provideKey } from './spec-stories.ts';

const MINUTE = 60;
const VAULT = 'kv-assigned';
let azure: SimulatedAzure;
let identity: { id: string; principalId: string; clientId: string };

beforeEach(async () => {
  azure = await openSimulatedAzure();
  identity = await makeIdentity('id-logs');
});

afterEach(async () => {
  await azure.close();
});

function identityAt(name: string): string {
  return `Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

async function makeIdentity(name: string): Promise<typeof identity> {
  const reply = await azure.ask('PUT', identityAt(name), {
    apiVersion: '2023-01-31',
    body: { location: 'westeurope' },
  });
  const body = reply.body as { id: string; properties: { principalId: string; clientId: string } };
  return { id: body.id, ...body.properties };
}

function assigned(...ids: string[]): object {
  const userAssignedIdentities = Object.fromEntries(ids.map((id) => [id, {}]));
  return { type: 'UserAssigned', userAssignedIdentities };
}

async function create(body: object, as = 'owner'): Promise<Reply> {
  return await azure.ask('PUT', clusterAt('logs'), { as, body: { ...clusterBody, ...body } });
}

async function setIdentity(wanted: object): Promise<Reply> {
  return await azure.ask('PATCH', clusterAt('logs'), { body: { identity: wanted } });
}

async function access(): Promise<[string | undefined, boolean | undefined]> {
  const state = await azure.look((tx) => storageState(tx, idOf(azure, clusterAt('logs'))));
  return [state?.access, state?.unwrapsNow];
}

test('a cluster made with one shows its principal and client, and has none of its own', async () => {
  expect((await create({ identity: assigned(identity.id) })).status).toBe(202);
  await azure.advance(25 * MINUTE);
  const { body } = await azure.ask('GET', clusterAt('logs'));
  const { principalId, clientId } = identity;
  expect((body as { identity: object }).identity).toEqual({
    type: 'UserAssigned',
    userAssignedIdentities: { [identity.id]: { principalId, clientId } },
  });
});

test('two, none, an unknown one, or both types at once are refused', async () => {
  const other = await makeIdentity('id-other');
  const tries = [
    assigned(identity.id, other.id),
    assigned(),
    assigned(`${identity.id}-unknown`),
    { ...assigned(identity.id), type: 'SystemAssigned, UserAssigned' },
  ];
  for (const wanted of tries) expect((await create({ identity: wanted })).status).toBe(400);
});

test('the rules of 2021 want the system identity at creation and take the other by PATCH', async () => {
  await azure.close();
  azure = await openSimulatedAzure({ rules: '2021' });
  identity = await makeIdentity('id-logs');
  const refused = await create({ identity: assigned(identity.id) });
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 'InvalidParameter' } } });
  expect((await create({})).status).toBe(202);
  await azure.advance(25 * MINUTE);
  expect((await setIdentity(assigned(identity.id))).status).toBe(202);
});

test('giving it to a cluster needs the right to assign it', async () => {
  await azure.ask('PUT', `Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
    apiVersion: '2022-04-01',
    body: {
      properties: {
        principalId: await azure.look(
          (tx) =>
            tx
              .list<{ name: string; objectId: string }>('principals')
              .find((p) => p.name === 'reader')?.objectId,
        ),
        roleDefinitionId: roleByName('Log Analytics Contributor').guid,
      },
    },
  });
  await azure.advance(2 * MINUTE);
  const reply = await create({ identity: assigned(identity.id) }, 'reader');
  expect(refusal(reply)).toEqual([403, 'LinkedAuthorizationFailed', undefined]);
  expect(JSON.stringify(reply.body)).toContain('userAssignedIdentities/assign/action');
});

test('with the grant made before, a key may come with the creation', async () => {
  const { principalId } = identity;
  const version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
  const { properties } = keyBody(VAULT, version).body as { properties: object };
  const reply = await create({ identity: assigned(identity.id), properties });
  expect(reply.status).toBe(202);
  await azure.advance(25 * MINUTE);
  expect(await access()).toEqual(['accessible', true]);
});

test('the system identity cannot have a grant yet, so a key at creation fails with it', async () => {
  const version = await provideKey(azure, {
    vault: VAULT,
    principalId: identity.principalId,
    purgeProtection: true,
  });
  const { properties } = keyBody(VAULT, version).body as { properties: object };
  const reply = await create({ properties });
  expect(reply).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/^Failed to validate key/u) } },
  });
});

test('the cluster unwraps as that identity, and loses the data when it is deleted', async () => {
  const { principalId } = identity;
  await create({ identity: assigned(identity.id) });
  await azure.advance(25 * MINUTE);
  const version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
  await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, version));
  await azure.advance(2 * MINUTE);
  expect(await access()).toEqual(['accessible', true]);
  await azure.ask('DELETE', identityAt('id-logs'), { apiVersion: '2023-01-31' });
  expect(await access()).toEqual(['revoking', false]);
});

test('a vault on private link opens for the system identity only', async () => {
  const vault = await openVault(azure, {
    name: VAULT,
    properties: { enablePurgeProtection: true },
  });
  await vault.keys('POST', '/keys/kek/create', { body: { kty: 'RSA' } });
  await create({});
  await azure.advance(25 * MINUTE);
  const { body } = await azure.ask('GET', clusterAt('logs'));
  const system = (body as { identity: { principalId: string } }).identity.principalId;
  const keys = ['get', 'wrapKey', 'unwrapKey'];
  await vault.policies(
    'add',
    [system, identity.principalId].map((objectId) => ({ objectId, keys })),
  );
  await vault.patch({ publicNetworkAccess: 'Disabled' });
  await azure.advance(MINUTE);
  const bind = async () => (await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, ''))).status;
  expect(await bind()).toBe(202);
  await azure.advance(2 * MINUTE);
  await setIdentity(assigned(identity.id));
  await azure.advance(MINUTE);
  expect(await bind()).toBe(400);
});

test('from system to user: the old principal is gone and the new one opens the vault', async () => {
  await create({});
  await azure.advance(25 * MINUTE);
  const { principalId } = identity;
  const version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
  expect((await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, version))).status).toBe(400);
  expect((await setIdentity(assigned(identity.id))).status).toBe(202);
  expect((await setIdentity(assigned(identity.id))).status).toBe(400);
  await azure.advance(MINUTE);
  expect((await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, version))).status).toBe(202);
  await azure.advance(2 * MINUTE);
  expect(await access()).toEqual(['accessible', true]);
});

test('from user to system the principal is a new one that needs its own grant', async () => {
  const { principalId } = identity;
  await create({ identity: assigned(identity.id) });
  await azure.advance(25 * MINUTE);
  const version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
  await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, version));
  await azure.advance(2 * MINUTE);
  await setIdentity({ type: 'SystemAssigned' });
  await azure.advance(MINUTE);
  const { body } = await azure.ask('GET', clusterAt('logs'));
  expect((body as { identity: { principalId: string } }).identity.principalId).not.toBe(
    principalId,
  );
  expect(await access()).toEqual(['revoking', false]);
});

test('repeating the identity in force changes nothing', async () => {
  await create({ identity: assigned(identity.id) });
  await azure.advance(25 * MINUTE);
  expect((await setIdentity(assigned(identity.id.toUpperCase()))).status).toBe(200);
});
