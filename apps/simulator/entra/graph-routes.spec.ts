import { afterEach, beforeEach, expect, test } from 'vitest';
import { principalOf, refusal } from '../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { SimulatedAzure } from '../simulated-azure.ts';
import { findPrincipal } from './directory.ts';
import { issueToken } from './tokens.ts';

const graph = 'https://graph.microsoft.com/v1.0';
let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

test('who an application is, it asks by its client id, for it has no /me', async () => {
  const { objectId, clientId } = await principalOf(azure, 'owner');
  const me = await azure.ask('GET', `${graph}/me`);
  const filter = encodeURIComponent(`servicePrincipalNames/any(c:c eq '${clientId}')`);
  const found = await azure.ask('GET', `${graph}/servicePrincipals?$filter=${filter}`);
  const one = await azure.ask('GET', `${graph}/servicePrincipals/${objectId}`);
  expect(refusal(me).slice(0, 2)).toEqual([400, 'BadRequest']);
  expect(found.body).toMatchObject({ value: [{ id: objectId, appId: clientId }] });
  expect(one.body).toMatchObject({ displayName: 'owner' });
});

test('a person is told who they are', async () => {
  const { objectId } = await principalOf(azure, 'owner');
  const token = await azure.look(async (tx) => {
    const principal = findPrincipal(tx, objectId);
    if (principal === undefined) throw new Error('reading the owner: not there');
    const { accessToken } = await issueToken(tx, {
      principal,
      audience: 'https://graph.microsoft.com',
      version: '1.0',
      claimsCapable: false,
      person: { clientId: principal.clientId, scope: 'User.Read' },
    });
    return accessToken;
  });
  const headers = { authorization: `Bearer ${token}` };
  const me = await azure.ask('GET', `${graph}/me`, { headers });
  expect(me.body).toMatchObject({ id: objectId, displayName: 'owner' });
});

test('what it does not know, it refuses', async () => {
  const filter = encodeURIComponent("startswith(displayName,'o')");
  const odd = await azure.ask('GET', `${graph}/servicePrincipals?$filter=${filter}`);
  const none = await azure.ask('GET', `${graph}/servicePrincipals/nobody`);
  const groups = await azure.ask('GET', `${graph}/groups`);
  expect(refusal(odd).slice(0, 2)).toEqual([400, 'Request_UnsupportedQuery']);
  expect(refusal(none).slice(0, 2)).toEqual([404, 'Request_ResourceNotFound']);
  expect(groups.unimplemented).toBe(true);
});
