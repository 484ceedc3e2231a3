import { describe, expect, it } from 'vitest';

import {
  inspectionFindings,
  toClusterSeen,
  type Inspected,
  type InspectedKey,
} from './inspection.ts';
import type { KeyAccessFacts } from './diagnose.ts';
import { soundAccess as access } from './sound-access.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const [older, newer] = ['a'.repeat(32), 'b'.repeat(32)];
const vaultUri = 'https://KV.vault.azure.net:443/';

const version = (name: string, change: object = {}) => ({
  kid: `https://kv.vault.azure.net/keys/cmk/${name}`,
  version: name,
  enabled: true,
  ...change,
});
const key: InspectedKey = {
  vaultUri,
  name: 'cmk',
  version: newer,
  access,
  versions: [version(older), version(newer)],
  excess: [],
};
const sound: Inspected = {
  id: '/cluster',
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  principalId: 'p',
  workspaces: ['/one', '/two'],
  key,
};

const codes = (inspected: Inspected) => inspectionFindings(inspected, now).map(({ code }) => code);
const withKey = (change: Partial<InspectedKey>): Inspected => ({
  ...sound,
  key: { ...key, ...change },
});

it('finds nothing amiss with a cluster that is as it should be', () => {
  expect(inspectionFindings(sound, now)).toEqual([]);
});

const { key: _, ...keyless } = sound;
const { access: __, ...unseen } = key;

it.each<[string, Inspected]>([
  ['key_not_bound', keyless],
  ['cluster_not_ready', { ...sound, provisioningState: 'Updating' }],
  ['double_encryption_off', { ...sound, doubleEncryption: false }],
  ['vault_unseen', { ...sound, key: unseen }],
  ['version_behind', withKey({ version: older })],
  ['excess_rights', withKey({ excess: ['delete'] })],
  ['key_expiring', withKey({ versions: [version(newer, { expiresAt: '2026-03-20T00:00:00Z' })] })],
  ['missing_permission', withKey({ access: { ...access, missingGrants: ['get of keys'] } })],
  ['key_unusable', withKey({ access: { ...access, version: { enabled: false } } })],
])('finds %s, once and with a remedy', (code, inspected) => {
  expect(codes(inspected)).toEqual([code]);
  expect(inspectionFindings(inspected, now)[0]?.remedy).not.toBe('');
});

it('refuses nothing: the gravest of its findings is a warning', () => {
  const vault = access.vault && { ...access.vault, purgeProtection: false };
  const found = inspectionFindings(
    withKey({ access: { ...access, ...(vault && { vault }), missingGrants: ['get of keys'] } }),
    now,
  );
  expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
});

it('is not behind with a newer version that is disabled', () => {
  const versions = [version(older), version(newer, { enabled: false })];
  expect(codes(withKey({ version: older, versions }))).toEqual([]);
});

describe('what becomes known of the cluster', () => {
  it('is the version it shows, under the plain name of its vault', () => {
    expect(toClusterSeen(sound, [])).toEqual({
      clusterId: '/cluster',
      region: 'westeurope',
      capacityGbPerDay: 500,
      doubleEncryption: true,
      principalId: 'p',
      key: { kid: `https://kv.vault.azure.net/keys/cmk/${newer}`, mode: 'explicit' },
      linkedWorkspaces: 2,
      findings: { top: [], count: 0 },
    });
  });

  it('is the latest version where it follows that', () => {
    expect(toClusterSeen(withKey({ version: '' }), []).key).toEqual({
      kid: `https://kv.vault.azure.net/keys/cmk/${newer}`,
      mode: 'automatic',
    });
  });

  it('is when what was deleted is purged, the vault before its key', () => {
    const { vault: _vault, version: _version, ...gone } = access;
    const deleted = { purgeAt: '2026-05-30T00:00:00.000Z' };
    const due = (change: Partial<KeyAccessFacts>) =>
      toClusterSeen(withKey({ access: { ...gone, ...change } }), []).purge;
    const at = deleted.purgeAt;
    expect(due({ deletedVault: deleted })).toEqual({ reason: 'vault_purged', at });
    const vault = { ...(access.vault && { vault: access.vault }) };
    expect(due({ ...vault, deletedKey: deleted })).toEqual({ reason: 'key_purged', at });
    expect(due({ deletedKey: { purgeAt: '' } })).toBeUndefined();
  });

  it('is no more than five findings, the gravest first', () => {
    const info = {
      code: 'adopted',
      severity: 'info',
      rule: 'R43',
      reason: 'r',
      remedy: 'm',
    } as const;
    const warning = { ...info, severity: 'warning' } as const;
    const { findings } = toClusterSeen(sound, [info, info, info, info, info, warning]);
    expect(findings.count).toBe(6);
    expect(findings.top.map(({ severity }) => severity)).toEqual([
      'warning',
      ...Array.from({ length: 4 }, () => 'info'),
    ]);
  });
});
