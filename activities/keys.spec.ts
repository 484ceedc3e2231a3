import { describe, expect, it, vi } from 'vitest';

import type { Azure, KeyFacts } from '#libs/azure/azure.ts';
import type { RsaPrivateKey } from '#libs/azure/keys.ts';

import { answer, azureError, runAttempt, seen, standInAzure, vaultId } from './azure-stand-in.ts';
import type { ImportFolder } from './import-folder.ts';
import { keyActivities, keyFault, operationTag } from './keys.ts';

const vaultUri = 'https://kv.vault.azure.net';
const now = Date.parse('2026-03-01T00:00:00Z');
const generate = {
  vaultId,
  name: 'cmk',
  mode: 'explicit',
  source: 'generate',
  sizeBits: 3072,
} as const;
const use = { ...generate, source: 'use' } as const;

const version = (id: string, change: Partial<KeyFacts> = {}): KeyFacts => ({
  kid: `${vaultUri}/keys/cmk/${id}`,
  version: id,
  enabled: true,
  createdAt: '2026-01-01T00:00:00Z',
  tags: {},
  recoverable: true,
  type: 'RSA',
  sizeBits: 3072,
  operations: ['wrapKey', 'unwrapKey'],
  ...change,
});
const own = version('own', { tags: { [operationTag]: 'op' } });

const material = {} as RsaPrivateKey;
const importFolder: ImportFolder = {
  look: async () => ({ sizeBits: 3072 }),
  read: async () => material,
};

/** The deed over an Azure whose vault holds these versions of the key. */
function deedOver(versions: readonly KeyFacts[], refusal?: Error) {
  const create = vi.fn<Azure['keys']['create']>(async () => {
    if (refusal !== undefined) throw refusal;
    return await seen(own);
  });
  const importKey = vi.fn<Azure['keys']['import']>(async () => await seen(own));
  const list = vi.fn<Azure['keys']['versions']>(async () => await seen([...versions]));
  const keys: Partial<Azure['keys']> = {
    versions: list,
    read: async (...[, , id]) => await seen([...versions, own].find((key) => key.version === id)),
    create,
    import: importKey,
  };
  return {
    create,
    importKey,
    versions: list,
    deeds: keyActivities(standInAzure({ keys }), importFolder),
  };
}

const ensure = async (
  { deeds }: Pick<ReturnType<typeof deedOver>, 'deeds'>,
  key: Parameters<typeof deeds.ensureKeyVersion>[0]['key'] = generate,
  info: Parameters<typeof runAttempt>[1] = {},
) =>
  await runAttempt(
    async () => await deeds.ensureKeyVersion({ key, operationId: 'op', accessSpreadMs: 120_000 }),
    {
      currentAttemptScheduledTimestampMs: now,
      ...info,
    },
  );

describe('generating a key', () => {
  it('makes one version with the tag of its operation', async () => {
    const over = deedOver([]);
    await expect(ensure(over)).resolves.toEqual({
      created: true,
      kid: own.kid,
      vaultUri,
      version: 'own',
      requestId: 'request-1',
    });
    expect(over.create.mock.calls.map(([, , key]) => key)).toEqual([
      { sizeBits: 3072, tags: { [operationTag]: 'op' } },
    ]);
  });

  it('finds it again by its tag and makes no other', async () => {
    const over = deedOver([own]);
    await expect(ensure(over)).resolves.toMatchObject({ created: true, version: 'own' });
    expect(over.create).not.toHaveBeenCalled();
  });

  it('uses the newest of several that Azure made, and reports the others', async () => {
    const older = version('older', { tags: own.tags });
    await expect(ensure(deedOver([older, own]))).resolves.toMatchObject({
      version: 'own',
      surplus: [older.kid],
    });
  });

  it('reports a version that a request delivered twice has made', async () => {
    const over = deedOver([]);
    const delivered = version('first', { tags: own.tags });
    const lists = [[], [delivered, own]];
    over.versions.mockImplementation(async () => await seen(lists.shift() ?? []));
    await expect(ensure(over)).resolves.toMatchObject({ version: 'own', surplus: [delivered.kid] });
    expect(over.create).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['nobody knows', version('a')],
    ['another operation made', version('a', { tags: { [operationTag]: 'other' } })],
  ])('refuses a name under which there is a key that %s', async (_, foreign) => {
    const over = deedOver([foreign]);
    await expect(ensure(over)).rejects.toMatchObject({
      type: 'RefusedByRule',
      nonRetryable: true,
      details: [{ code: 'key_exists', rule: 'R25', target: `${vaultId}/keys/cmk` }],
    });
    expect(over.create).not.toHaveBeenCalled();
  });

  it('looks for a version whose answer was lost before it makes another', async () => {
    const over = deedOver([], azureError({ kind: 'network' }));
    await expect(ensure(over)).rejects.toMatchObject({ type: 'AnswerLost' });
    const heartbeatDetails = { sentAt: { 'key cmk': now - 30_000 } };
    const soon = deedOver([]);
    await expect(ensure(soon, generate, { heartbeatDetails })).rejects.toMatchObject({
      type: 'AnswerLost',
    });
    expect(soon.create).not.toHaveBeenCalled();
    await expect(ensure(deedOver([own]), generate, { heartbeatDetails })).resolves.toMatchObject({
      version: 'own',
    });
  });
});

describe('using a key', () => {
  const both = [version('a1'), version('b2')];

  it('picks the latest version', async () => {
    const over = deedOver(both);
    await expect(ensure(over, use)).resolves.toMatchObject({ created: false, version: 'b2' });
    expect(over.create).not.toHaveBeenCalled();
  });

  it('picks the version that is named, however it is written', async () => {
    await expect(ensure(deedOver(both), { ...use, version: 'A1' })).resolves.toMatchObject({
      version: 'a1',
    });
  });

  it.each([
    ['a key that is not there', use, []],
    ['a version that is not there', { ...use, version: 'c3' }, both],
  ])('refuses %s', async (_, key, versions) => {
    await expect(ensure(deedOver(versions), key)).rejects.toMatchObject({
      type: 'RefusedByRule',
      details: [{ code: 'key_missing', rule: 'R59' }],
    });
  });

  it('refuses a version that cannot protect a cluster', async () => {
    const over = deedOver([version('a1', { enabled: false })]);
    await expect(ensure(over, use)).rejects.toMatchObject({
      type: 'RefusedByRule',
      nonRetryable: true,
      details: [{ code: 'key_unusable', rule: 'R29', reason: 'the key version is disabled' }],
    });
  });

  it('refuses a version that is expired by the time of the workflow', async () => {
    const over = deedOver([version('a1', { expiresAt: '2026-03-01T00:00:00.000Z' })]);
    await expect(ensure(over, use)).rejects.toMatchObject({ details: [{ code: 'key_unusable' }] });
  });

  it('looks again when the version cannot be read yet', async () => {
    const keys: Partial<Azure['keys']> = {
      versions: async () => await seen(both),
      read: async () => await seen(undefined),
    };
    await expect(
      ensure({ deeds: keyActivities(standInAzure({ keys }), importFolder) }, use),
    ).rejects.toMatchObject({ type: 'Busy', nextRetryDelay: 3_000 });
  });
});

it('imports a key of the folder once, with the tag of its operation', async () => {
  const over = deedOver([]);
  const order = { ...generate, source: 'import', importFrom: 'hsm.pem' } as const;
  await expect(ensure(over, order)).resolves.toMatchObject({ created: true, version: 'own' });
  expect(over.importKey.mock.calls[0]?.[2]).toEqual({ material, tags: { [operationTag]: 'op' } });
  expect(over.create).not.toHaveBeenCalled();
  const again = deedOver([own]);
  await ensure(again, order);
  expect(again.importKey).not.toHaveBeenCalled();
});

describe('a vault that does not let us in', () => {
  const keys: Partial<Azure['keys']> = {
    versions: async () => {
      throw answer(403, 'Caller is not allowed');
    },
  };
  const deeds = keyActivities(standInAzure({ keys }), importFolder);

  it('is asked again for two minutes, while our own access spreads', async () => {
    await expect(ensure({ deeds }, generate, { attempt: 8 })).rejects.toMatchObject({
      type: 'GrantSpreading',
      nonRetryable: false,
      nextRetryDelay: 15_000,
    });
  });

  it('is believed after that', async () => {
    await expect(ensure({ deeds }, generate, { attempt: 9 })).rejects.toMatchObject({
      type: 'PermissionMissing',
      nonRetryable: true,
    });
  });
});

it('refuses an id that is not one of a vault', async () => {
  await expect(ensure(deedOver([]), { ...generate, vaultId: '/kv' })).rejects.toMatchObject({
    type: 'NotAsExpected',
    nonRetryable: true,
  });
});

it.each<[string, Partial<KeyFacts>]>([
  ['the key is of type EC', { type: 'EC' }],
  ['the key has 1024 bits', { sizeBits: 1024 }],
  ['the key may not unwrapkey', { operations: ['wrapKey'] }],
  ['the key may not wrapkey and unwrapkey', { operations: ['sign'] }],
  ['the key version is disabled', { enabled: false }],
])('says that %s', (fault, change) => {
  expect(keyFault(version('a1', change), now)).toBe(fault);
});

it.each<Partial<KeyFacts>>([{ sizeBits: 2048 }, { sizeBits: 4096 }, { type: 'RSA-HSM' }])(
  'finds no fault with %o',
  (change) => {
    expect(keyFault(version('a1', change), now)).toBeUndefined();
  },
);
