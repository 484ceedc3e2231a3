import { describe, expect, it, vi } from 'vitest';

import type { Azure, RoleAssignmentFacts, VaultFacts } from '#libs/azure/azure.ts';
import { clusterKeyPermissions, ownKeyPermissions, roles } from '#libs/domain/service-rules.ts';

import { goodVault, runAttempt, seen, standInAzure, vaultId } from './azure-stand-in.ts';
import { grantActivities } from './grants.ts';

const grant = { vaultId, principalId: 'principal' };

/** The deeds over an Azure that shows these vaults in turn, the last one for ever. */
function deedsOver(...shown: (VaultFacts | undefined)[]) {
  let reads = 0;
  const vaults = {
    read: vi.fn(async () => await seen(shown[Math.min(reads++, shown.length - 1)])),
    addAccess: vi.fn<Azure['vaults']['addAccess']>(async () => await seen(undefined)),
    removeAccess: vi.fn<Azure['vaults']['removeAccess']>(async () => await seen(undefined)),
  };
  return { ...vaults, deeds: grantActivities(standInAzure({ vaults })) };
}

/** The good vault, letting in one principal. */
const letting = (objectId: string, keyPermissions: readonly string[]): VaultFacts => ({
  ...goodVault,
  accessPolicies: [{ objectId, keyPermissions: [...keyPermissions] }],
});

describe('ensuring a grant', () => {
  it('adds get, wrap and unwrap, and reads back that they are there', async () => {
    const { deeds, addAccess, read } = deedsOver(
      goodVault,
      letting('principal', clusterKeyPermissions),
    );
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).resolves.toMatchObject({
      added: true,
      model: 'access-policy',
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

  it('stays fresh when the attempt that added it died', async () => {
    const told: unknown[] = [];
    const first = deedsOver(goodVault);
    await expect(
      runAttempt(async () => await first.deeds.ensureGrant(grant), {}, told),
    ).rejects.toThrow();
    const second = deedsOver(letting('principal', clusterKeyPermissions));
    const info = { attempt: 2, heartbeatDetails: told.at(-1) };
    await expect(
      runAttempt(async () => await second.deeds.ensureGrant(grant), info),
    ).resolves.toMatchObject({ added: true });
    expect(second.addAccess).not.toHaveBeenCalled();
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

describe('a vault that goes by roles', () => {
  const byRoles = { ...goodVault, rbac: true };
  const assignment = (change: Partial<RoleAssignmentFacts> = {}): RoleAssignmentFacts => ({
    id: 'assignment-1',
    scope: vaultId.toUpperCase(),
    principalId: 'principal',
    role: roles.cryptoServiceEncryptionUser,
    ...change,
  });

  /** Assignments are shown in turn, the last ones for ever. */
  function deedsOverRoles(...shown: RoleAssignmentFacts[][]) {
    let reads = 0;
    const given = {
      assignments: vi.fn(async () => await seen(shown[Math.min(reads++, shown.length - 1)] ?? [])),
      assign: vi.fn<Azure['roles']['assign']>(async () => await seen(undefined)),
      remove: vi.fn<Azure['roles']['remove']>(async () => await seen(undefined)),
      ownPermissions: async () => await seen([]),
    };
    const vaults = { read: async () => await seen(byRoles) };
    return { ...given, deeds: grantActivities(standInAzure({ vaults, roles: given })) };
  }

  it('gives the cluster the role it needs there, and reads it back', async () => {
    const { deeds, assign } = deedsOverRoles([], [assignment()]);
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).resolves.toMatchObject({
      added: true,
      model: 'role',
      permissions: ['Key Vault Crypto Service Encryption User'],
    });
    expect(assign.mock.calls[0]?.[0]).toEqual({
      scope: vaultId,
      principalId: 'principal',
      role: roles.cryptoServiceEncryptionUser,
    });
  });

  it('sends nothing when the role is held, from wherever', async () => {
    const inherited = assignment({ scope: '/subscriptions/s' });
    const { deeds, assign } = deedsOverRoles([inherited]);
    await expect(runAttempt(async () => await deeds.ensureGrant(grant))).resolves.toMatchObject({
      added: false,
    });
    expect(assign).not.toHaveBeenCalled();
  });

  it('gives Keyturn itself the role of an officer', async () => {
    const { deeds, assign } = deedsOverRoles([assignment({ role: roles.cryptoOfficer })]);
    await runAttempt(async () => await deeds.ensureOwnAccess(vaultId));
    expect(assign.mock.calls[0]?.[0]).toMatchObject({
      principalId: 'keyturn-principal',
      role: roles.cryptoOfficer,
    });
  });

  it('takes back the assignment at the vault, not an inherited or another one', async () => {
    const { deeds, remove } = deedsOverRoles([
      assignment(),
      assignment({ id: 'inherited', scope: '/subscriptions/s' }),
      assignment({ id: 'other', role: roles.cryptoOfficer }),
    ]);
    await runAttempt(async () => await deeds.removeGrant(grant));
    expect(remove.mock.calls.map(([id]) => id)).toEqual(['assignment-1']);
  });
});
