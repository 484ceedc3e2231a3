import { createPublicKey } from 'node:crypto';
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { principalNamed } from '../../tools/stack/programs.ts';
import { newestSigningKey, signAsEntra, tokenFor } from '../support/entra.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { askApi, problemIn } from '../support/raw-api.ts';
import { askControl } from '../support/simulator-control.ts';

const scope = 'api://keyturn/.default';
const otherTenant = '99999999-9999-4999-8999-999999999999';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

const simulator = () => product.stack.simulator;

const listWith = async (token: string) =>
  await askApi(product.stack.api, { path: '/v1/operations', token });

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** The claims of an operator's good token; each attack changes one thing. */
const goodClaims = (changed: JWTPayload = {}): JWTPayload => ({
  iss: `https://login.microsoftonline.com/${simulator().tenantId}/v2.0`,
  aud: 'api://keyturn',
  tid: simulator().tenantId,
  oid: principalNamed(simulator(), 'operator').objectId,
  roles: ['operator'],
  exp: secondsFromNow(600),
  ...changed,
});

/** A token for a good purpose by a key that is not Entra's, under the name of Entra's key. */
async function signAsStranger(header: object = {}): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  const { kid } = await newestSigningKey(simulator());
  return await new SignJWT(goodClaims())
    .setProtectedHeader({ alg: 'RS256', kid, ...header })
    .sign(privateKey);
}

/** The old trick: the public key, which everybody has, taken for a shared secret. */
async function signWithPublicKey(): Promise<string> {
  const { kid, publicKey } = await newestSigningKey(simulator());
  const known = createPublicKey({ key: { ...publicKey }, format: 'jwk' });
  const secret = Buffer.from(known.export({ type: 'spki', format: 'pem' }));
  return await new SignJWT(goodClaims()).setProtectedHeader({ alg: 'HS256', kid }).sign(secret);
}

/** A reader's own token whose bearer has written another role into it. */
async function promote(): Promise<string> {
  const token = await tokenFor(simulator(), 'reader', scope);
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload;
  const promoted = JSON.stringify({ ...claims, roles: ['admin'] });
  return [header, Buffer.from(promoted).toString('base64url'), signature].join('.');
}

describe('a token', () => {
  it('is accepted when it is as Entra makes it, and a little late', async () => {
    const late = await signAsEntra(simulator(), goodClaims({ exp: secondsFromNow(-10) }));
    expect((await listWith(late)).status).toBe(200);
  });

  const attacks: [string, string, () => Promise<string>][] = [
    ['no signature', 'its signature', async () => new UnsecuredJWT(goodClaims()).encode()],
    ['a stranger’s signature', 'its signature', async () => await signAsStranger()],
    ['a signature by the public key', 'its signature', signWithPublicKey],
    ['a payload that was changed', 'its signature', promote],
    [
      'a key of its own in the header',
      'its signature',
      async () => await signAsStranger({ kid: 'mine', jku: 'http://127.0.0.1:1/keys' }),
    ],
    [
      'the audience of Azure itself',
      'its claim aud',
      async () => await tokenFor(simulator(), 'operator', 'https://management.azure.com/.default'),
    ],
    [
      'the issuer of another tenant',
      'its issuer',
      async () =>
        await signAsEntra(
          simulator(),
          goodClaims({ iss: `https://login.microsoftonline.com/${otherTenant}/v2.0` }),
        ),
    ],
    [
      'another tenant under our issuer',
      'it is of another tenant',
      async () => await signAsEntra(simulator(), goodClaims({ tid: otherTenant })),
    ],
    [
      'an end that is two minutes past',
      'it has expired',
      async () => await signAsEntra(simulator(), goodClaims({ exp: secondsFromNow(-120) })),
    ],
    [
      'a beginning yet to come',
      'its claim nbf',
      async () => await signAsEntra(simulator(), goodClaims({ nbf: secondsFromNow(120) })),
    ],
    ['no form at all', 'it is no JSON Web Token', async () => 'abc.def.ghi'],
  ];

  it.each(attacks)('with %s is refused: %s', async (_, why, makeToken) => {
    const token = await makeToken();
    const answer = await listWith(token);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const { status, code, detail } = await problemIn(answer);
    expect({ status, code }).toEqual({ status: 401, code: 'unauthenticated' });
    expect(detail).toContain(`the token is not accepted: ${why}`);
  });

  it('is asked for when there is none', async () => {
    const answer = await askApi(product.stack.api, { path: '/v1/operations' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="keyturn"');
    expect(await problemIn(answer)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });
});

describe('a reader', () => {
  it('may look and change nothing', async () => {
    const token = await tokenFor(simulator(), 'reader', scope);
    expect((await listWith(token)).status).toBe(200);
    const operation = '/v1/operations/7c6c66fb-0279-5b3a-8d51-ba076100138b';
    const body = JSON.stringify(orderFor(simulator(), 'clu-reader'));
    const posts: [string, string][] = [
      ['/v1/clusters', body],
      ...['approve', 'reject', 'resume', 'cancel'].map((action): [string, string] => [
        `${operation}/${action}`,
        '{}',
      ]),
    ];
    for (const [path, sent] of posts) {
      const post = { method: 'POST', path, token, key: 'a-key', body: sent } as const;
      const answer = await askApi(product.stack.api, post);
      expect(await problemIn(answer), path).toMatchObject({ status: 403, code: 'forbidden' });
    }
  });
});

describe('when Entra changes its keys', () => {
  it('takes tokens of the new key without a restart, and of the old one while it is published', async () => {
    const before = await tokenFor(simulator(), 'reader', scope);
    expect((await listWith(before)).status).toBe(200);
    await askControl(simulator(), 'POST /entra/rotate-keys', {});
    const after = await tokenFor(simulator(), 'reader', scope);
    // Keys are read again at most once a second.
    await vi.waitFor(async () => expect((await listWith(after)).status).toBe(200), 5000);
    expect((await listWith(before)).status).toBe(200);
  });

  it('refuses tokens of a key that was taken back', async () => {
    const stolen = await tokenFor(simulator(), 'admin', scope);
    expect((await listWith(stolen)).status).toBe(200);
    await askControl(simulator(), 'POST /entra/rotate-keys', { retire: true });
    const fresh = await tokenFor(simulator(), 'reader', scope);
    await vi.waitFor(async () => expect((await listWith(fresh)).status).toBe(200), 5000);
    expect(await problemIn(await listWith(stolen))).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
  });
});
