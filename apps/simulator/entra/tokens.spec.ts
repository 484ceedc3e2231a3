import { createPrivateKey } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import type { StoredPrincipal } from './directory.ts';
import { currentSigningKey, rotateSigningKeys } from './signing-keys.ts';
import { identify, issuerOf, issueToken } from './tokens.ts';
import type { Identification } from './tokens.ts';

const ARM = 'https://management.azure.com';
let azure: SimulatedAzure;
let owner: StoredPrincipal;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  owner = await principal('owner');
});

afterEach(async () => {
  await azure.close();
});

async function principal(name: string): Promise<StoredPrincipal> {
  const all = await azure.look((tx) => tx.list<StoredPrincipal>('principals'));
  const found = all.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`reading ${name}: no such principal`);
  return found;
}

async function check(token: string | undefined): Promise<Identification> {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const { result } = await azure.world.store.transact(0, (tx) =>
    identify(tx, 'arm', authorization),
  );
  return result;
}

async function issue(audience: string): Promise<string> {
  const request = { principal: owner, audience, version: '1.0', claimsCapable: false } as const;
  const { result } = await azure.world.store.transact(0, (tx) => issueToken(tx, request));
  return result.accessToken;
}

/** A token with the right key whose claims are one's own. */
async function forge(claims: Record<string, unknown>): Promise<string> {
  const key = await azure.look(currentSigningKey);
  const now = Math.floor(Date.now() / 1000);
  const { tenantId, objectId } = owner;
  const whole = {
    iss: issuerOf(tenantId, '1.0'),
    aud: ARM,
    oid: objectId,
    tid: tenantId,
    exp: now + 60,
    ...claims,
  };
  return await new SignJWT(whole)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .sign(createPrivateKey({ key: key.privateKey, format: 'jwk' }));
}

function problem(kind: string): object {
  return { problem: expect.objectContaining({ kind }) };
}

test('a token of Entra names its principal, with or without a slash on the audience', async () => {
  for (const audience of [ARM, `${ARM}/`, 'https://management.core.windows.net/']) {
    expect(await check(await issue(audience))).toMatchObject({
      principal: { objectId: owner.objectId, name: 'owner' },
    });
  }
});

test('a token for another service is refused', async () => {
  expect(await check(await issue('https://vault.azure.net'))).toEqual(problem('audience'));
});

test('an expired token is told apart', async () => {
  const token = await forge({ exp: Math.floor(Date.now() / 1000) - 1 });
  expect(await check(token)).toEqual(problem('expired'));
});

test('an unsigned token is refused', async () => {
  const token = new UnsecuredJWT({ aud: ARM, oid: owner.objectId, tid: owner.tenantId }).encode();
  expect(await check(token)).toEqual(problem('invalid'));
});

test('a token with a changed payload is refused', async () => {
  const [header, payload, signature] = (await issue(ARM)).split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
  const admin = (await principal('keyturn')).objectId;
  const changed = Buffer.from(JSON.stringify({ ...claims, oid: admin })).toString('base64url');
  expect(await check(`${header}.${changed}.${signature}`)).toEqual(problem('invalid'));
});

test('a token of another issuer, of an unknown principal, and none at all are refused', async () => {
  expect(await check(await forge({ iss: 'https://example.com/' }))).toEqual(problem('invalid'));
  expect(await check(await forge({ oid: 'nobody' }))).toEqual(problem('invalid'));
  expect(await check(undefined)).toEqual(problem('missing'));
});

test('after a rotation old tokens are good while their key is published', async () => {
  const token = await issue(ARM);
  await azure.look((tx) => rotateSigningKeys(tx, { retire: false }));
  expect(await check(token)).toHaveProperty('principal');
  await azure.look((tx) => rotateSigningKeys(tx, { retire: true }));
  expect(await check(token)).toEqual(problem('invalid'));
});

describe('the token endpoint', () => {
  async function askToken(form: Record<string, string>, version = 'v2.0/'): Promise<Reply> {
    return await azure.ask(
      'POST',
      `https://login.microsoftonline.com/${owner.tenantId}/oauth2/${version}token`,
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        rawBody: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
      },
    );
  }

  function claimsOf(reply: Reply): Record<string, unknown> {
    const { access_token: token } = reply.body as { access_token: string };
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
  }

  test('gives the v1 shape for Azure and the v2 shape with roles for an own API', async () => {
    const approver = await principal('approver');
    const { clientId, clientSecret = '', tenantId } = approver;
    const client = { client_id: clientId, client_secret: clientSecret };
    const arm = await askToken({ ...client, scope: `${ARM}/.default` });
    const api = await askToken({ ...client, scope: 'api://keyturn/.default' });
    expect(claimsOf(arm)).toMatchObject({
      iss: `https://sts.windows.net/${tenantId}/`,
      aud: ARM,
      appid: clientId,
      ver: '1.0',
    });
    expect(claimsOf(arm)).not.toHaveProperty('roles');
    expect(claimsOf(api)).toMatchObject({
      iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      aud: 'api://keyturn',
      azp: clientId,
      roles: ['approver'],
      ver: '2.0',
    });
  });

  test('gives the v1 shape at the v1 endpoint, with times as text', async () => {
    const { clientId, clientSecret = '' } = owner;
    const client = { client_id: clientId, client_secret: clientSecret };
    const reply = await askToken({ ...client, resource: 'https://vault.azure.net' }, '');
    expect(reply.body).toMatchObject({ resource: 'https://vault.azure.net', expires_in: '3599' });
    expect(claimsOf(reply)).toMatchObject({ aud: 'https://vault.azure.net', ver: '1.0' });
  });

  test('tells a wrong secret as AADSTS7000215', async () => {
    const scope = `${ARM}/.default`;
    const reply = await askToken({ client_id: owner.clientId, client_secret: 'guess', scope });
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringMatching(/^AADSTS7000215: /u),
      error_codes: [7_000_215],
    });
  });

  test('tells an unknown client as AADSTS700016', async () => {
    const scope = `${ARM}/.default`;
    const reply = await askToken({ client_id: 'nobody', client_secret: 'x', scope });
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: 'unauthorized_client', error_codes: [700_016] });
  });

  test('the discovery documents name the issuers of the tokens', async () => {
    const base = `https://login.microsoftonline.com/${owner.tenantId}`;
    const ask = async (path: string): Promise<unknown> =>
      (await azure.ask('GET', base + path)).body;
    expect(await ask('/v2.0/.well-known/openid-configuration')).toMatchObject({
      issuer: issuerOf(owner.tenantId, '2.0'),
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
    expect(await ask('/.well-known/openid-configuration')).toMatchObject({
      issuer: issuerOf(owner.tenantId, '1.0'),
    });
    expect(await ask('/discovery/v2.0/keys')).toMatchObject({
      keys: [{ kty: 'RSA', use: 'sig', n: expect.any(String) }],
    });
  });
});
