import { describe, expect, it, vi } from 'vitest';

import type { Azure, VaultFacts } from '#libs/azure/azure.ts';

import { goodVault, runAttempt, seen, standInAzure, vaultId } from './azure-stand-in.ts';
import { vaultActivities } from './vaults.ts';

const order = { vaultId, region: 'westeurope', tags: { team: 'a' }, mayProtect: false };

/** The deeds over an Azure that shows these vaults in turn, the last one for ever. */
function deedsOver(...shown: (VaultFacts | undefined)[]) {
  let reads = 0;
  const vaults = {
    read: vi.fn(async () => await seen(shown[Math.min(reads++, shown.length - 1)])),
    create: vi.fn<Azure['vaults']['create']>(async () => await seen(goodVault)),
    protect: vi.fn<Azure['vaults']['protect']>(async () => await seen(goodVault)),
  };
  return { ...vaults, deeds: vaultActivities(standInAzure({ vaults })) };
}

describe('ensuring a vault', () => {
  it('makes it in our tenant when it is not there', async () => {
    const { deeds, create } = deedsOver(undefined, goodVault);
    await expect(runAttempt(async () => await deeds.ensureVault(order))).resolves.toEqual({
      created: true,
      protected: false,
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

  it('makes one that is there recoverable when a person said yes to it', async () => {
    const { deeds, protect } = deedsOver({ ...goodVault, purgeProtection: false }, goodVault);
    await expect(
      runAttempt(async () => await deeds.ensureVault({ ...order, mayProtect: true })),
    ).resolves.toMatchObject({ created: false, protected: true });
    expect(protect).toHaveBeenCalledTimes(1);
  });

  it('leaves alone one that is recoverable already', async () => {
    const { deeds, protect } = deedsOver(goodVault);
    await runAttempt(async () => await deeds.ensureVault({ ...order, mayProtect: true }));
    expect(protect).not.toHaveBeenCalled();
  });

  it('refuses an id that is not one of a vault', async () => {
    const { deeds } = deedsOver(goodVault);
    await expect(
      runAttempt(async () => await deeds.ensureVault({ ...order, vaultId: '/kv' })),
    ).rejects.toMatchObject({ type: 'NotAsExpected', nonRetryable: true });
  });
});
