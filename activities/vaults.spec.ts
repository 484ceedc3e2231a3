import { describe, expect, it, vi } from 'vitest';

import type { Azure, VaultFacts } from '#libs/azure/azure.ts';
import { clusterKeyPermissions, ownKeyPermissions } from '#libs/domain/service-rules.ts';

import { goodVault, runAttempt, seen, standInAzure, vaultId } from './azure-stand-in.ts';
import { vaultActivities } from './vaults.ts';

const order = { vaultId, region: 'westeurope', tags: { team: 'a' } };
const grant = { vaultId, principalId: 'principal' };

/** The deeds over an Azure that shows these vaults in turn, the last one for ever. */
function deedsOver(...shown: (VaultFacts | undefined)[]) {
  let reads = 0;
  const vaults = {
    read: vi.fn(async () => await seen(shown[Math.min(reads++, shown.length - 1)])),
    create: vi.fn<Azure['vaults']['create']>(async () => await seen(goodVault)),
    addAccess: vi.fn<Azure['vaults']['addAccess']>(async () => await seen(undefined)),
    removeAccess: vi.fn<Azure['vaults']['removeAccess']>(async () => await seen(undefined)),
  };
  return { ...vaults, deeds: vaultActivities(standInAzure({ vaults })) };
}

/** The good vault, letting in one principal. */
const letting = (objectId: string, keyPermissions: readonly string[]): VaultFacts => ({
  ...goodVault,
  accessPolicies: [{ objectId, keyPermissions: [...keyPermissions] }],
});

describe('ensuring a vault', () => {
  it('makes it in our tenant when it is not there', async () => {
    const { deeds, create } = deedsOver(undefined, goodVault);
    await expect(runAttempt(async () => await deeds.ensureVault(order))).resolves.toEqual({
      created: true,
      vaultUri: 'https://kv.vault.azure.net',
      requestId: 'request-1',
    });
    expect(create.mock.calls[0]?.[1]).toEqual({
      region: 'westeurope',
      tenantId: 'tenant',
      tags: { team: 'a' },
    });
  });

  it('leaves it as it is when it is there', async () => {
    const { deeds, create } = deedsOver(goodVault);
    await expect(runAttempt(async () => await deeds.ensureVault(order))).resolves.toMatchObject({
      created: false,
    });
    expect(create).not.toHaveBeenCalled();
  });

  it('tells that it makes it before it does, so that a later attempt knows', async () => {
    const told: unknown[] = [];
    const registering = { ...goodVault, provisioningState: 'RegisteringDns' };
    const first = deedsOver(undefined, registering);
    await expect(
      runAttempt(async () => await first.deeds.ensureVault(order), {}, told),
    ).rejects.toMatchObject({ type: 'StillRunning', nextRetryDelay: 3_000 });
    const second = deedsOver(goodVault);
    const info = { attempt: 2, heartbeatDetails: told.at(-1) };
    await expect(
      runAttempt(async () => await second.deeds.ensureVault(order), info),
    ).resolves.toMatchObject({ created: true });
    expect(second.create).not.toHaveBeenCalled();
  });

  it.each([{ purgeProtection: false }, { softDelete: false }])(
    'refuses one that is not recoverable: %o',
    async (change) => {
      const { deeds } = deedsOver({ ...goodVault, ...change });
      await expect(runAttempt(async () => await deeds.ensureVault(order))).rejects.toMatchObject({
        type: 'NotAsExpected',
        nonRetryable: true,
        message: `creating ${vaultId}: the vault is not recoverable`,
      });
    },
  );

  it('refuses an id that is not one of a vault', async () => {
    const { deeds } = deedsOver(goodVault);
    await expect(
      runAttempt(async () => await deeds.ensureVault({ ...order, vaultId: '/kv' })),
    ).rejects.toMatchObject({ type: 'NotAsExpected', nonRetryable: true });
  });
});

describe('ensuring a grant', () => {
  it('adds get, wrap and unwrap, and reads back that they are there', async () => {
    const { deeds, addAccess, read } = deedsOver(
      goodVault,
      letting('principal', clusterKeyPermissions),
    );
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).resolves.toMatchObject({
      added: true,
      principalId: 'principal',
      permissions: ['get', 'wrapKey', 'unwrapKey'],
    });
    expect(addAccess.mock.calls[0]?.[1]).toEqual({
      objectId: 'principal',
      tenantId: 'tenant',
      keyPermissions: ['get', 'wrapKey', 'unwrapKey'],
    });
    expect(read).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['exactly', letting('principal', clusterKeyPermissions)],
    ['in another case', letting('PRINCIPAL', ['GET', 'WRAPKEY', 'UNWRAPKEY'])],
    ['as part of all', letting('principal', ['all'])],
    ['among others', letting('principal', ['list', ...clusterKeyPermissions])],
  ])('sends nothing when they are held %s', async (_, vault) => {
    const { deeds, addAccess } = deedsOver(vault);
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).resolves.toMatchObject({
      added: false,
    });
    expect(addAccess).not.toHaveBeenCalled();
  });

  it.each([
    ['one of them is missing', letting('principal', ['get', 'wrapKey'])],
    ['another principal holds them', letting('other', clusterKeyPermissions)],
  ])('adds when %s', async (_, vault) => {
    const { deeds, addAccess } = deedsOver(vault, letting('principal', clusterKeyPermissions));
    await runAttempt(async () => await deeds.ensureGrant(grant));
    expect(addAccess).toHaveBeenCalledTimes(1);
  });

  it('looks again when what it added cannot be read yet', async () => {
    const { deeds } = deedsOver(goodVault);
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).rejects.toMatchObject({
      type: 'Busy',
      nonRetryable: false,
      nextRetryDelay: 3_000,
    });
  });

  it('ends when the vault is gone', async () => {
    const { deeds } = deedsOver(undefined);
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).rejects.toMatchObject({
      type: 'NotAsExpected',
      nonRetryable: true,
    });
  });
});

it('lets its own principal in with what it needs itself', async () => {
  const { deeds, addAccess } = deedsOver(
    goodVault,
    letting('keyturn-principal', ownKeyPermissions),
  );
  await expect(runAttempt(async () => await deeds.ensureOwnAccess(vaultId))).resolves.toMatchObject(
    { added: true, principalId: 'keyturn-principal' },
  );
  expect(addAccess.mock.calls[0]?.[1].keyPermissions).toEqual(ownKeyPermissions);
});

describe('removing a grant', () => {
  it('takes away what the principal has', async () => {
    const { deeds, removeAccess } = deedsOver(letting('PRINCIPAL', clusterKeyPermissions));
    await runAttempt(async () => await deeds.removeGrant(grant));
    expect(removeAccess.mock.calls[0]?.[1]).toEqual({
      objectId: 'principal',
      tenantId: 'tenant',
    });
  });

  it.each([
    ['of a principal that has none', letting('other', ['get'])],
    ['of a vault that is gone', undefined],
  ])('sends nothing for one %s', async (_, vault) => {
    const { deeds, removeAccess } = deedsOver(vault);
    await runAttempt(async () => await deeds.removeGrant(grant));
    expect(removeAccess).not.toHaveBeenCalled();
  });
});
