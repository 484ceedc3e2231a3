import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused } from './refused.ts';
import { createTokenVerifier } from './token-verifier.ts';

const tenantId = '11111111-1111-1111-1111-111111111111';
const versionOne = `https://sts.windows.net/${tenantId}/`;
const versionTwo = `https://login.microsoftonline.com/${tenantId}/v2.0`;
const identity = { tenantId, audiences: ['api://keyturn'], issuers: [versionOne, versionTwo] };
const jwksUri = 'https://login.microsoftonline.com/keys';

interface SigningKey {
  readonly kid: string;
  readonly pair: Awaited<ReturnType<typeof generateKeyPair>>;
}

const makeKey = async (kid: string): Promise<SigningKey> => ({
  kid,
  pair: await generateKeyPair('RS256'),
});

let key: SigningKey;
let published: SigningKey[];
let isAway: boolean;
let asked: string[];

beforeEach(async () => {
  key = await makeKey('first');
  published = [key];
  isAway = false;
  asked = [];
});

/** An identity provider of the tenant, as far as discovery and keys go. */
const provider: typeof fetch = async (input) => {
  const url = input instanceof Request ? input.url : String(input);
  asked.push(url);
  if (isAway) throw new TypeError('fetch failed');
  if (url.endsWith('/.well-known/openid-configuration')) {
    const issuer = url.includes('v2.0') ? versionTwo : versionOne;
    return Response.json({ issuer, jwks_uri: jwksUri });
  }
  const keys = published.map(async ({ kid, pair }) => ({
    ...(await exportJWK(pair.publicKey)),
    kid,
  }));
  return Response.json({ keys: await Promise.all(keys) });
};

interface TokenParts {
  readonly signer?: SigningKey;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | Date;
  readonly claims?: Record<string, unknown>;
}

function makeToken({ signer = key, issuer = versionTwo, ...parts }: TokenParts = {}) {
  const claims = { tid: tenantId, oid: 'object-1', name: 'Ada', roles: ['operator'] };
  return new SignJWT({ ...claims, ...parts.claims })
    .setProtectedHeader({ alg: 'RS256', kid: signer.kid })
    .setIssuer(issuer)
    .setAudience(parts.audience ?? 'api://keyturn')
    .setExpirationTime(parts.expires ?? '1h')
    .sign(signer.pair.privateKey);
}

const verifier = () => createTokenVerifier(identity, provider);

async function refusalOf(token: string): Promise<Refused> {
  const error: unknown = await verifier()(token).catch((thrown: unknown) => thrown);
  if (error instanceof Refused) return error;
  throw new Error('expected the token to be refused', { cause: error });
}

describe('a token', () => {
  it.each([versionOne, versionTwo])('of the issuer %s makes a caller', async (issuer) => {
    const expires = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    expect(await verifier()(await makeToken({ issuer, expires }))).toEqual({
      tenantId,
      person: { objectId: 'object-1', name: 'Ada' },
      granted: [{ role: 'operator' }],
      until: expires.getTime() + 30_000,
    });
  });

  it('of an application is named by its id', async () => {
    const token = await makeToken({ claims: { name: undefined, azp: 'app-1' } });
    expect((await verifier()(token)).person.name).toBe('app-1');
  });

  it('without a signature is refused', async () => {
    const token = new UnsecuredJWT({ tid: tenantId, oid: 'object-1', roles: ['admin'] })
      .setIssuer(versionTwo)
      .setAudience('api://keyturn')
      .setExpirationTime('1h')
      .encode();
    expect((await refusalOf(token)).code).toBe('unauthenticated');
  });

  it('signed with a public key as a shared secret is refused', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(key.pair.publicKey)));
    const token = await new SignJWT({ tid: tenantId, oid: 'object-1' })
      .setProtectedHeader({ alg: 'HS256', kid: key.kid })
      .setIssuer(versionTwo)
      .setAudience('api://keyturn')
      .setExpirationTime('1h')
      .sign(secret);
    expect((await refusalOf(token)).code).toBe('unauthenticated');
  });

  it.each([
    ['for another audience', { audience: 'https://management.azure.com' }, 'aud'],
    ['of another tenant', { claims: { tid: '99999999-9999-9999-9999-999999999999' } }, 'tenant'],
    ['that has expired', { expires: new Date(Date.now() - 120_000) }, 'expired'],
    ['of another issuer', { issuer: 'https://evil.example/' }, 'issuer'],
  ])('%s is refused', async (_, parts, word) => {
    const refused = await refusalOf(await makeToken(parts));
    expect(refused.code).toBe('unauthenticated');
    expect(refused.message).toContain(word);
  });

  it('of a stranger that uses a known key id is refused', async () => {
    const stranger = await makeKey(key.kid);
    const refused = await refusalOf(await makeToken({ signer: stranger }));
    expect(refused.code).toBe('unauthenticated');
  });

  it('never makes us ask an address that it names itself', async () => {
    await refusalOf(await makeToken({ issuer: 'https://evil.example/' }));
    expect(asked).toEqual([]);
  });

  it('is no token when it is any other text', async () => {
    expect((await refusalOf('not-a-token')).message).toContain('no JSON Web Token');
  });
});

describe('keys', () => {
  it('are read once for many tokens', async () => {
    const verify = verifier();
    await verify(await makeToken());
    await verify(await makeToken());
    expect(asked.filter((url) => url === jwksUri)).toHaveLength(1);
  });

  it('that rotate are read again, once in the cooldown', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const verify = verifier();
      await verify(await makeToken());
      const next = await makeKey('second');
      published = [next];
      vi.setSystemTime(Date.now() + 2000);
      await verify(await makeToken({ signer: next }));
      const unknown = await makeToken({ signer: await makeKey('third') });
      await expect(verify(unknown)).rejects.toMatchObject({ code: 'unauthenticated' });
      expect(asked.filter((url) => url === jwksUri)).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that cannot be read are an outage, and are asked for again', async () => {
    const verify = verifier();
    const token = await makeToken();
    isAway = true;
    const refusal = { code: 'identity_unavailable', details: { retryAfterSeconds: 5 } };
    await expect(verify(token)).rejects.toMatchObject(refusal);
    isAway = false;
    await expect(verify(token)).resolves.toMatchObject({ tenantId });
  });
});
