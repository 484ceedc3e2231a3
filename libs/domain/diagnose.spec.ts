import { assert, boolean, constantFrom, property } from 'fast-check';
import { expect, it } from 'vitest';

import { keepsOut } from './denial.ts';
import { diagnose, keyAccessFindings, type KeyAccessFacts } from './diagnose.ts';

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
  ['key_unusable R59', 'disabled', { version: { enabled: false } }],
  [
    'key_unusable R60',
    'not active before',
    { version: { enabled: true, notBefore: '2026-04-01T00:00:00Z' } },
  ],
  ['vault_outage R155', '503', { version: 'unseen', outage: '503' }],
  ['version_not_bound R95', '/old', { cluster: { ...cluster, shows: '/old' } }],
  [
    'key_unusable R60',
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
  expect(diagnose(noVersion)).toMatchObject({
    code: 'key_missing',
    reason: 'the key is not there',
  });
  expect(diagnose({ ...noVersion, hasOtherVersions: true })).toMatchObject({
    code: 'key_missing',
    reason: 'the key has no such version',
  });
});

it('tells until when what is deleted can be had back', () => {
  const purgeAt = '2026-05-01T00:00:00Z';
  const { vault: _, version: __, ...nothing } = sound;
  expect(diagnose({ ...nothing, deletedVault: { purgeAt } })).toMatchObject({
    code: 'vault_deleted',
    reason: `the vault is deleted, and kept until ${purgeAt}`,
  });
  expect(diagnose({ ...nothing, vault, deletedKey: { purgeAt } })).toMatchObject({
    code: 'key_deleted',
    reason: `the key is deleted, and kept until ${purgeAt}`,
  });
});

it('never takes a vault that does not answer for one that denies', () => {
  const answers = constantFrom('429 Throttled', '503', 'no answer within the deadline');
  assert(
    property(answers, boolean(), (outage, isRestricted) => {
      const seen = { ...vault, restricted: isRestricted };
      const found = keyAccessFindings({ ...sound, vault: seen, version: 'unseen', outage });
      expect(found.map(({ code }) => code)).toEqual(['vault_outage']);
      expect(found.some(keepsOut)).toBe(false);
    }),
  );
});

it('tells what keeps a cluster out from what is only not as it should be', () => {
  const out: Partial<KeyAccessFacts>[] = [
    { version: { enabled: false } },
    { missingGrants: ['get of keys'] },
    { vault: { ...vault, shutsOutAzure: true } },
  ];
  for (const change of out)
    expect(keyAccessFindings({ ...sound, ...change }).some(keepsOut)).toBe(true);
  const expired = { enabled: true, expiresAt: '2026-02-01T00:00:00Z' };
  expect(keyAccessFindings({ ...sound, version: expired }).some(keepsOut)).toBe(false);
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
