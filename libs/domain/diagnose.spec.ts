import { expect, it } from 'vitest';

import { diagnose, type KeyAccessFacts } from './diagnose.ts';

const vault = {
  id: '/vault',
  region: 'West Europe',
  tenantId: 'T',
  purgeProtection: true,
  softDelete: true,
  rbac: false,
  shutsOutAzure: false,
  restricted: false,
  ownAccess: true,
};
const cluster = {
  id: '/cluster',
  region: 'westeurope',
  tenantId: 't',
  identityType: 'SystemAssigned',
  principalId: 'principal',
};
const sound: KeyAccessFacts = {
  cluster,
  vaultId: '/vault',
  vault,
  keyId: 'https://kv.vault.azure.net/keys/cmk',
  version: { enabled: true },
  missingGrants: [],
  now: Date.parse('2026-03-01T00:00:00Z'),
};

it('finds nothing where nothing is wrong', () => {
  expect(diagnose(sound)).toBeUndefined();
});

it('finds nothing in a tenant that Azure does not show, as with a user-assigned identity', () => {
  const { tenantId: _, ...untold } = cluster;
  const facts = { ...sound, cluster: { ...untold, identityType: 'UserAssigned' } };
  expect(diagnose(facts)).toBeUndefined();
});

it.each<[string, string, Partial<KeyAccessFacts>]>([
  [
    'identity_missing R64',
    'no identity',
    { cluster: { id: '/c', region: 'x', identityType: 'None' } },
  ],
  ['tenant_mismatch R12', 'tenant other', { vault: { ...vault, tenantId: 'other' } }],
  ['region_mismatch R11', 'eastus', { vault: { ...vault, region: 'eastus' } }],
  ['vault_unusable R31', 'firewall', { vault: { ...vault, shutsOutAzure: true } }],
  [
    'vault_unusable R65',
    'private links',
    {
      cluster: { ...cluster, identityType: 'UserAssigned' },
      vault: { ...vault, restricted: true },
    },
  ],
  ['key_not_recoverable R113', 'not recoverable', { vault: { ...vault, purgeProtection: false } }],
  ['missing_permission R112', 'unwrapKey of keys', { missingGrants: ['unwrapKey of keys'] }],
  ['key_unusable R112', 'disabled', { version: { enabled: false } }],
  [
    'key_unusable R112',
    'expired',
    { version: { enabled: true, expiresAt: '2026-02-01T00:00:00Z' } },
  ],
])('names %s', (code, words, change) => {
  const found = diagnose({ ...sound, ...change });
  expect(`${found?.code} ${found?.rule}`).toBe(code);
  expect(found?.reason).toContain(words);
  expect(found?.remedy).not.toBe('');
});

it('tells a vault and a version that are not there', () => {
  const { vault: _, ...noVault } = sound;
  expect(diagnose(noVault)).toMatchObject({
    code: 'vault_unusable',
    reason: 'the vault is not there',
  });
  const { version: __, ...noVersion } = sound;
  expect(diagnose(noVersion)).toMatchObject({ code: 'key_missing' });
});

it('says nothing of a version that it may not look at', () => {
  expect(diagnose({ ...sound, version: 'unseen' })).toBeUndefined();
});

it('names the cause that hides the others first', () => {
  const found = diagnose({
    ...sound,
    vault: { ...vault, shutsOutAzure: true },
    missingGrants: ['get of keys'],
    version: { enabled: false },
  });
  expect(found?.rule).toBe('R31');
});
