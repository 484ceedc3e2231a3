import { expect, it } from 'vitest';
import { cliUnderTest, operation, ticket } from '../cli-under-test.ts';

/** The body that a command line sends. */
async function sentBy(...args: string[]): Promise<unknown> {
  const answers = [ticket(), Response.json(operation())];
  const { run, asked } = cliUnderTest({ answers });
  expect(await run(...args)).toBe(0);
  return asked[0]?.body;
}

const vaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-new';

it('rotates to a new version, and has the old one retired unless told otherwise', async () => {
  expect(await sentBy('rotate', 's/g/c')).toEqual({ kind: 'rotate', to: 'new', retire: true });
  expect(
    await sentBy('rotate', 's/g/c', '--clusters', 'all', '--no-retire', '--keep-hours', '48'),
  ).toEqual({
    kind: 'rotate',
    to: 'new',
    clusters: 'all',
    retire: false,
    keepHours: 48,
  });
});

it('retires a version of the key in use, or of one that was left', async () => {
  const kind = 'retire-version';
  const version = '1'.repeat(32);
  expect(await sentBy(kind, 's/g/c', '--version', version)).toEqual({ kind, version });
  const left = ['--version', 'every', '--vault', 'kv-new', '--key-name', 'cmk'];
  expect(await sentBy(kind, 's/g/c', ...left, '--keep-hours', '0')).toEqual({
    kind,
    version: 'every',
    key: { vaultId, name: 'cmk' },
    keepHours: 0,
  });
});

it('replaces a key by another, which is made or found or imported', async () => {
  const kind = 'replace-key';
  const other = ['--vault', 'g/kv-new', '--key-name', 'cmk', '--reason', 'the key is out'];
  const body = { kind, key: { vaultId, name: 'cmk' }, reason: 'the key is out', retire: true };
  expect(await sentBy(kind, 's/g/c', ...other)).toEqual(body);
  const version = '1'.repeat(32);
  expect(
    await sentBy(kind, 's/g/c', ...other, '--source', 'use', '--key-version', version),
  ).toEqual({ ...body, key: { ...body.key, source: 'use', version } });
  expect(await sentBy(kind, 's/g/c', ...other, '--source', 'import:cmk.pem')).toEqual({
    ...body,
    key: { ...body.key, source: { importFrom: 'cmk.pem' } },
  });
});

it.each([
  ['replace-key', 's/g/c', '--vault', 'kv', '--key-name', 'cmk'],
  ['replace-key', 's/g/c', '--vault', 'kv', '--key-name', 'k', '--reason', 'r', '--source', 'buy'],
  [
    'replace-key',
    's/g/c',
    '--vault',
    'k',
    '--key-name',
    'k',
    '--reason',
    'r',
    '--size-bits',
    '1.5',
  ],
  ['retire-version', 's/g/c'],
  ['rotate', 's/g/c', '--keep-hours', 'long'],
])('ends with 2 on %s %s %s %s', async (...args) => {
  expect(await cliUnderTest().run(...args)).toBe(2);
});
