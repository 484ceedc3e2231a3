import { describe, expect, it } from 'vitest';
import { openTokenCache } from './token-cache.ts';
import { createTokens } from './tokens.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const identity = { kind: 'client', issuer: 'https://id', clientId: 'c', scope: 's' } as const;
const hour = 3_600_000;

/** Gives a new token for each request for one. */
function provider() {
  let given = 0;
  const send: typeof fetch = async (input) => {
    const { url } = new Request(input);
    if (url.includes('well-known')) return Response.json({ token_endpoint: 'https://id/token' });
    given += 1;
    return Response.json({ access_token: `token-${given}`, expires_in: 3600 });
  };
  return send;
}

const tokensIn = (folder: string, secret: string | undefined, send = provider()) =>
  createTokens({
    identity,
    cache: openTokenCache(folder),
    clientSecret: () => Promise.resolve(secret),
    fetch: send,
  });

describe('tokens', () => {
  it('are kept between commands', async () => {
    const folder = temporaryFolder();
    expect(await tokensIn(folder, 'secret')()).toBe('token-1');
    expect(await tokensIn(folder, undefined)()).toBe('token-1');
  });

  it('are made anew shortly before they end', async () => {
    const folder = temporaryFolder();
    const who = [identity.issuer, identity.clientId, identity.scope];
    openTokenCache(folder).write(who, { accessToken: 'old', expiresAt: Date.now() + 30_000 });
    expect(await tokensIn(folder, 'secret')()).toBe('token-1');
  });

  it('of somebody else are not used', async () => {
    const folder = temporaryFolder();
    const other = { accessToken: 'other', expiresAt: Date.now() + hour };
    openTokenCache(folder).write([identity.issuer, 'another', identity.scope], other);
    expect(await tokensIn(folder, 'secret')()).toBe('token-1');
  });

  it('need a login once they have ended and no secret is there', async () => {
    await expect(tokensIn(temporaryFolder(), undefined)()).rejects.toMatchObject({
      exitCode: 6,
      message: 'the login has ended',
    });
  });

  it('are asked for once while they last, also where nothing can be kept', async () => {
    const tokens = tokensIn('/dev/null/keyturn', 'secret');
    expect([await tokens(), await tokens()]).toEqual(['token-1', 'token-1']);
  });

  it('are for somebody', async () => {
    const cache = openTokenCache(temporaryFolder());
    const clientSecret = () => Promise.resolve('secret');
    const tokens = createTokens({ identity: undefined, cache, clientSecret });
    await expect(tokens()).rejects.toMatchObject({ exitCode: 6 });
  });
});
