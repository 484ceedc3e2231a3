import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void, level = 'info') {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLogger({ service: 'worker', level, destination }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

describe('a logger', () => {
  it('names the service, the level and the instant', () => {
    const [line] = logged((logger) => logger.info('up'));
    expect(line).toMatchObject({ service: 'worker', level: 'info', msg: 'up' });
    expect(String(line?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/u);
  });

  it('writes nothing below its level', () => {
    expect(logged((logger) => logger.debug('detail'))).toEqual([]);
  });

  it.each([
    ['a header', { headers: { Authorization: 'anything' } }],
    ['a client secret', { config: { clientSecret: 'anything' } }],
    ['a token', { answer: { access_token: 'anything' } }],
    ['a private key', { jwk: { kty: 'RSA', n: 'public', d: 'anything' } }],
    ['a member of a list', { all: [{ password: 'anything' }] }],
    ['a member of an error', { err: Object.assign(new Error('no'), { secret: 'anything' }) }],
    ['a child logger', { nested: { cookie: 'anything' } }],
  ])('hides %s by its name', (_, members) => {
    const text = JSON.stringify(logged((logger) => logger.info(members, 'told')));
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('anything');
  });

  it('leaves the public part of a key and the words around a secret', () => {
    const [line] = logged((logger) => logger.info({ jwk: { kty: 'RSA', n: 'public', d: 'x' } }));
    expect(line?.['jwk']).toEqual({ kty: 'RSA', n: 'public', d: '[redacted]' });
  });

  it.each([
    ['a token in a message', `calling with ${jwt}`, jwt],
    ['a bearer header in a message', 'sent Bearer abcdefghijklmnop', 'abcdefghijklmnop'],
    [
      'the signature of an operation URL',
      'polling https://management.azure.com/x?api-version=1&t=1&c=MIIH&s=sign&h=hash',
      'sign&',
    ],
  ])('hides %s', (_, message, secret) => {
    const text = JSON.stringify(logged((logger) => logger.info(message)));
    expect(text).toContain('[redacted]');
    expect(text).not.toContain(secret);
  });

  it('hides a token in the message and cause of an error', () => {
    const error = new Error(`failed with ${jwt}`, { cause: new Error(`Bearer ${jwt}`) });
    const text = JSON.stringify(logged((logger) => logger.error({ err: error }, 'failed')));
    expect(text).toContain('failed with [redacted]');
    expect(text).not.toContain(jwt);
  });

  it('leaves what it was given as it was', () => {
    const members = { secret: 'kept' };
    logged((logger) => logger.info(members));
    expect(members.secret).toBe('kept');
  });
});
