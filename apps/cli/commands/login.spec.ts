import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliUnderTest, operation, testIssuer } from '../cli-under-test.ts';

const json = (content: object) => Response.json(content);

describe('login', () => {
  const discovered = () => json({ token_endpoint: `${testIssuer}/token` });
  const granted = () => json({ access_token: 'new-token', expires_in: 3600 });
  const args = ['login', '--tenant', 'tenant', '--client-id', 'client', '--api', 'http://api'];
  const nobody = { tenant: '', clientId: '' };

  it('keeps who logged in and the token, and never the secret', async () => {
    const { run, asked, environment } = cliUnderTest({
      answers: [discovered(), granted(), json(operation())],
      environment: { ...nobody, clientSecret: 'hidden' },
      isLoggedIn: false,
    });
    expect(await run(...args)).toBe(0);
    expect(asked[1]?.body).toMatchObject({ client_secret: 'hidden' });
    const kept = ['profile.json', 'token.json'].map((name) =>
      readFileSync(join(environment.configFolder, name), 'utf8'),
    );
    expect(kept.join('')).toContain('http://api');
    expect(kept.join('')).not.toContain('hidden');
  });

  it('reads the secret from standard input where no terminal is', async () => {
    const { run, asked } = cliUnderTest({
      answers: [discovered(), granted()],
      isLoggedIn: false,
      input: 'piped\n',
    });
    expect(await run(...args)).toBe(0);
    expect(asked[1]?.body).toMatchObject({ client_secret: 'piped' });
  });

  it('keeps nothing when the provider says no', async () => {
    const { run, environment } = cliUnderTest({
      answers: [discovered(), Response.json({ error: 'invalid_client' }, { status: 401 })],
      isLoggedIn: false,
      input: 'wrong',
    });
    expect(await run(...args)).toBe(6);
    expect(existsSync(join(environment.configFolder, 'profile.json'))).toBe(false);
  });

  it('is needed', async () => {
    const { run, talked } = cliUnderTest({ environment: nobody, isLoggedIn: false });
    expect(await run('clusters')).toBe(6);
    expect(talked).toEqual(['error: nobody is logged in', 'Log in: keyturn login --help']);
  });

  it('takes no half of a name for the one that was kept', async () => {
    const { run } = cliUnderTest({ environment: nobody });
    expect(await run('login', '--client-id', 'client')).toBe(2);
  });

  it('is undone by logout', async () => {
    const { run, environment } = cliUnderTest();
    expect(await run('logout')).toBe(0);
    expect(existsSync(join(environment.configFolder, 'token.json'))).toBe(false);
  });

  it('takes no secret as an argument', async () => {
    expect(await cliUnderTest().run(...args, '--client-secret', 'x')).toBe(2);
  });
});
