import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { principalOf } from '../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { federationIssuer, signAssertion } from './federation.ts';
import type { AssertionRequest } from './federation.ts';

const subject = 'system:serviceaccount:keyturn:worker';
let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

async function sign(asked: Partial<AssertionRequest> = {}): Promise<string> {
  const { result } = await azure.world.store.transact(azure.world.clock.now(), (tx) =>
    signAssertion(tx, { subject, ...asked }),
  );
  return result;
}

async function exchange(assertion: string, name = 'keyturn', type = 'jwt-bearer'): Promise<Reply> {
  const { clientId, tenantId } = await principalOf(azure, name);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: `urn:ietf:params:oauth:client-assertion-type:${type}`,
    client_assertion: assertion,
    scope: 'https://management.azure.com/.default',
  });
  const url = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'none' };
  return await azure.ask('POST', url, { rawBody: form.toString(), headers });
}

async function refused(asked: Partial<AssertionRequest>): Promise<unknown> {
  const { status, body } = await exchange(await sign(asked));
  const { error, error_codes: codes } = body as { error: string; error_codes: number[] };
  return [status, error, ...codes];
}

test('an assertion of the trusted issuer stands for the secret', async () => {
  const reply = await exchange(await sign());
  expect(reply.status).toBe(200);
  const token = (reply.body as { access_token: string }).access_token;
  const list = await azure.ask('GET', 'Microsoft.OperationalInsights/clusters', {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(list.status).toBe(200);
});

test('another issuer, audience or subject, or one out of its time, is told by its number', async () => {
  expect(await refused({ issuer: 'https://elsewhere/' })).toEqual([401, 'invalid_client', 700_211]);
  expect(await refused({ audience: 'api://other' })).toEqual([401, 'invalid_client', 700_212]);
  expect(await refused({ subject: 'system:other' })).toEqual([401, 'invalid_client', 700_213]);
  expect(await refused({ lifetimeSeconds: -60 })).toEqual([401, 'invalid_client', 700_024]);
});

test('a foreign signature, no token at all and another type are refused', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const forged = await new SignJWT({ sub: subject, aud: 'api://AzureADTokenExchange' })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(await azure.look(federationIssuer))
    .setExpirationTime('1h')
    .sign(privateKey);
  for (const reply of [
    await exchange(forged),
    await exchange('nonsense'),
    await exchange(await sign(), 'keyturn', 'saml2-bearer'),
  ]) {
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  }
});

test('an application that trusts nobody accepts no assertion', async () => {
  expect((await exchange(await sign(), 'owner')).status).toBe(401);
});
