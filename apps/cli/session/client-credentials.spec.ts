import { describe, expect, it } from 'vitest';
import { requestToken } from './client-credentials.ts';

const who = { issuer: 'https://id/t', clientId: 'c', clientSecret: 'hidden', scope: 's/.default' };
const discovered = () => Response.json({ token_endpoint: 'https://id/t/token' });

function provider(...answers: readonly Response[]) {
  const asked: { url: string; form: object }[] = [];
  const left = [...answers];
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    asked.push({ url: request.url, form });
    return left.shift() ?? new Response(null, { status: 500 });
  };
  return { asked, send };
}

describe('client credentials', () => {
  it('are sent to the endpoint that the issuer publishes', async () => {
    const granted = Response.json({ access_token: 'token', expires_in: 3600 });
    const { asked, send } = provider(discovered(), granted);
    const before = Date.now();
    const token = await requestToken(who, send);
    expect(token.accessToken).toBe('token');
    expect(token.expiresAt).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(asked).toEqual([
      { url: 'https://id/t/.well-known/openid-configuration', form: {} },
      {
        url: 'https://id/t/token',
        form: {
          grant_type: 'client_credentials',
          client_id: 'c',
          client_secret: 'hidden',
          scope: 's/.default',
        },
      },
    ]);
  });

  it('that are refused are told in one line, without the secret', async () => {
    const description = 'AADSTS7000215: Invalid client secret provided. Trace ID: 1 Timestamp: 2';
    const no = { error: 'invalid_client', error_description: description };
    const { send } = provider(discovered(), Response.json(no, { status: 401 }));
    const error: unknown = await requestToken(who, send).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      exitCode: 6,
      message:
        'the identity provider gives no token: AADSTS7000215: Invalid client secret provided.',
    });
  });

  it('are not sent where nothing is published', async () => {
    const { asked, send } = provider(new Response('', { status: 404 }));
    await expect(requestToken(who, send)).rejects.toMatchObject({ exitCode: 6 });
    expect(asked).toHaveLength(1);
  });

  it.each(['http://id/token', 'http://10.0.0.1/token'])(
    'are never sent to %s',
    async (endpoint) => {
      const { asked, send } = provider(Response.json({ token_endpoint: endpoint }));
      await expect(requestToken(who, send)).rejects.toThrow('it is not https');
      expect(asked).toHaveLength(1);
    },
  );
});
