import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { principalOf } from '../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';

const LOGIN = 'https://login.microsoftonline.com';
const clientId = 'c0ffee00-1111-4222-8333-444455556666';
const redirectUri = 'http://localhost:5173/signed-in';
const verifier = randomBytes(32).toString('base64url');
let azure: SimulatedAzure;
let tenantId: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  ({ tenantId } = await principalOf(azure, 'owner'));
});

afterEach(async () => {
  await azure.close();
});

function authorize(change: Record<string, string> = {}): Promise<Reply> {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid offline_access api://keyturn/access_as_user',
    state: 'some state',
    nonce: 'n-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  });
  return azure.ask('GET', `${LOGIN}/${tenantId}/oauth2/v2.0/authorize?${query.toString()}`);
}

async function post(path: string, form: Record<string, string>): Promise<Reply> {
  return await azure.ask('POST', `${LOGIN}/${tenantId}/oauth2/v2.0/${path}`, {
    rawBody: new URLSearchParams({ client_id: clientId, ...form }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'none' },
  });
}

async function codeOf(name: string, change: Record<string, string> = {}): Promise<string> {
  const { status, headers } = await authorize({ sign_in_as: name, ...change });
  expect(status).toBe(302);
  const url = new URL(headers['location'] ?? '');
  expect(url.searchParams.get('state')).toBe('some state');
  return url.searchParams.get('code') ?? '';
}

function redeem(code: string, change: Record<string, string> = {}): Promise<Reply> {
  return post('token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...change,
  });
}

interface Tokens {
  access_token: string;
  id_token?: string;
  refresh_token?: string;
}

const tokensOf = (reply: Reply): Tokens => reply.body as Tokens;
const errorOf = ({ status, body }: Reply): unknown[] => [status, (body as { error: string }).error];

describe('by authorization code', () => {
  test('the page names who may sign in, and nothing of the request escapes into it', async () => {
    const { body } = await authorize({ state: '"><script>' });
    expect(body).toContain('operator@contoso.onmicrosoft.com');
    expect(body).not.toContain('keyturn@contoso');
    expect(body).not.toContain('<script>');
  });

  test('a person gets tokens with their roles, for the program that asked', async () => {
    const { objectId } = await principalOf(azure, 'approver');
    const tokens = tokensOf(await redeem(await codeOf('approver')));
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: 'api://keyturn',
      iss: `${LOGIN}/${tenantId}/v2.0`,
      oid: objectId,
      azp: clientId,
      roles: ['approver'],
      preferred_username: 'approver@contoso.onmicrosoft.com',
    });
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ aud: clientId, nonce: 'n-1' });
  });

  test('a code works once, and only with its proof and its address', async () => {
    const code = await codeOf('reader');
    expect(errorOf(await redeem(code, { code_verifier: 'other' }))).toEqual([400, 'invalid_grant']);
    const elsewhere = { redirect_uri: 'http://localhost:1/' };
    expect(errorOf(await redeem(code, elsewhere))).toEqual([400, 'invalid_grant']);
    expect((await redeem(code)).status).toBe(200);
    expect(errorOf(await redeem(code))).toEqual([400, 'invalid_grant']);
  });

  test('a refresh token brings the next tokens, and is spent by it', async () => {
    const first = tokensOf(await redeem(await codeOf('reader')));
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' };
    const second = await post('token', form);
    expect(decodeJwt(tokensOf(second).access_token)).toMatchObject({ roles: ['reader'] });
    expect(errorOf(await post('token', form))).toEqual([400, 'invalid_grant']);
  });

  test('without a proof, or with an answer sent to another machine, nobody is asked', async () => {
    const bare = { code_challenge: '', sign_in_as: 'owner' };
    expect(errorOf(await authorize(bare))).toEqual([400, 'invalid_request']);
    const away = { redirect_uri: 'https://example.com/', sign_in_as: 'owner' };
    expect(errorOf(await authorize(away))).toEqual([400, 'invalid_request']);
  });

  test('what a program is, a person cannot be', async () => {
    expect((await authorize({ sign_in_as: 'keyturn' })).status).toBe(200);
  });
});

describe('by device code', () => {
  async function askForCode(): Promise<{ user_code: string; device_code: string }> {
    const reply = await post('devicecode', { scope: 'api://keyturn/.default' });
    return reply.body as { user_code: string; device_code: string };
  }

  async function poll(deviceCode: string): Promise<Reply> {
    const grant = 'urn:ietf:params:oauth:grant-type:device_code';
    return await post('token', { grant_type: grant, device_code: deviceCode });
  }

  async function approve(userCode: string): Promise<Reply> {
    const query = new URLSearchParams({ user_code: userCode, sign_in_as: 'operator' });
    return await azure.ask('GET', `${LOGIN}/${tenantId}/oauth2/deviceauth?${query.toString()}`);
  }

  test('the device waits until somebody has signed in elsewhere', async () => {
    const { user_code: userCode, device_code: deviceCode } = await askForCode();
    expect(errorOf(await poll(deviceCode))).toEqual([400, 'authorization_pending']);
    expect((await approve(userCode.toLowerCase())).status).toBe(200);
    const reply = await poll(deviceCode);
    expect(decodeJwt(tokensOf(reply).access_token)).toMatchObject({ roles: ['operator'] });
    expect(errorOf(await poll(deviceCode))).toEqual([400, 'invalid_grant']);
  });

  test('a code that nobody waits with is refused', async () => {
    expect(errorOf(await approve('NONE'))).toEqual([400, 'invalid_request']);
  });
});

test('a token for Azure has the shape of version 1 and the rights of its person', async () => {
  const code = await codeOf('owner', { scope: 'https://management.azure.com/user_impersonation' });
  const token = tokensOf(await redeem(code)).access_token;
  expect(decodeJwt(token)).toMatchObject({
    ver: '1.0',
    appid: clientId,
    scp: 'user_impersonation',
  });
  const list = await azure.ask('GET', 'Microsoft.OperationalInsights/clusters', {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(list.status).toBe(200);
});
