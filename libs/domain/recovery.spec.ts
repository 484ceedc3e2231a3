import { describe, expect, it } from 'vitest';

import type { KeyAccessFacts } from './diagnose.ts';
import type { Inspected, InspectedKey } from './inspection.ts';
import { planRecovery } from './recovery.ts';
import { rulePacks } from './service-rules.ts';
import { soundAccess as access } from './sound-access.ts';

const used = 'a'.repeat(32);
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const request = { cluster, planOnly: false };
const given = { rules: rulePacks.current, probes: true, begun: {} };
const purgeAt = '2026-05-01T00:00:00Z';

const versionOf = (change: object = {}) => ({
  kid: `k/${used}`,
  version: used,
  enabled: true,
  ...change,
});
const revokedVersion = versionOf({ enabled: false, revokedBy: 'op', revokedFor: 'S/g/main' });

const key: InspectedKey = {
  vaultUri: 'https://kv.vault.azure.net',
  name: 'cmk',
  version: used,
  access,
  versions: [versionOf()],
  excess: [],
};
const inspectedWith = (change: Partial<InspectedKey>): Inspected => ({
  id: '/cluster',
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  principalId: 'p',
  workspaces: ['/one'],
  key: { ...key, ...change },
});
const withAccess = (change: Partial<KeyAccessFacts>, more: Partial<InspectedKey> = {}) =>
  inspectedWith({ access: { ...access, ...change }, ...more });
const plan = (inspected: Inspected | undefined, change: Partial<typeof given> = {}) =>
  planRecovery(request, inspected, { ...given, ...change });

type Made = ReturnType<typeof planRecovery>;
const steps = ({ steps: planned }: Made) => planned.map(({ name, effect }) => `${name} ${effect}`);
const found = ({ findings }: Made) => findings.map(({ code, severity }) => `${severity} ${code}`);

describe('what is undone', () => {
  it('is a grant that is gone, and nothing is lost by that', () => {
    const made = plan(withAccess({ missingGrants: ['get of keys'] }));
    expect(steps(made)).toEqual(['grant change', 'effect keep']);
    expect([found(made), made.losses]).toEqual([[], []]);
  });

  it('is nothing where nothing is amiss: the grant is kept', () => {
    expect(steps(plan(inspectedWith({})))).toEqual(['grant keep', 'effect keep']);
  });

  it('are the versions that a revocation of this cluster disabled', () => {
    const versions = [revokedVersion, versionOf({ version: 'b', kid: 'k/b' })];
    const made = plan(withAccess({ version: { enabled: false } }, { versions }));
    expect(steps(made)).toEqual(['key change', 'grant keep', 'effect keep']);
    expect(found(made)).toEqual([]);
  });

  it('is the deletion of the key', () => {
    const { version: _, ...gone } = access;
    const made = plan(
      inspectedWith({ access: { ...gone, deletedKey: { purgeAt } }, versions: [] }),
    );
    expect(steps(made)).toEqual(['key change', 'grant keep', 'effect keep']);
    expect(found(made)).toEqual([]);
  });

  it('is the deletion of the vault, with what it loses by it', () => {
    const { version: _, vault: __, ...gone } = access;
    const made = plan(inspectedWith({ access: { ...gone, deletedVault: { purgeAt } } }));
    expect(steps(made)).toEqual([
      'vault change',
      'vault-access change',
      'key keep',
      'grant change',
      'effect keep',
    ]);
    expect(found(made)).toEqual(['warning assignments_lost']);
    expect(made.findings[0]?.reason).toContain(purgeAt);
  });

  it('takes own access to the key where Keyturn has none', () => {
    const vault = access.vault && { ...access.vault, ownAccess: false };
    const versions = [revokedVersion];
    const facts = { version: { enabled: false }, ...(vault && { vault }) };
    expect(steps(plan(withAccess(facts, { versions })))[0]).toBe('vault-access change');
  });

  it('stays the plan that it was while it is carried out', () => {
    const begun = {
      vault: 'change',
      'vault-access': 'change',
      key: 'keep',
      grant: 'change',
    } as const;
    expect(steps(plan(inspectedWith({}), { begun }))).toEqual([
      'vault change',
      'vault-access change',
      'key keep',
      'grant change',
      'effect keep',
    ]);
  });
});

describe('what is not undone, but named', () => {
  const disabled = { version: { enabled: false } };

  it.each<[string, Inspected]>([
    ['key_unusable', withAccess(disabled, { versions: [versionOf({ enabled: false })] })],
    [
      'key_unusable',
      withAccess(disabled, { versions: [{ ...revokedVersion, retiredBy: 'other-op' }] }),
    ],
    [
      'revoked_elsewhere',
      withAccess(disabled, { versions: [{ ...revokedVersion, revokedFor: 's/g/other' }] }),
    ],
    [
      'vault_unusable',
      withAccess({ ...(access.vault && { vault: { ...access.vault, shutsOutAzure: true } }) }),
    ],
    ['vault_outage', withAccess({ version: 'unseen', outage: '503' })],
    ['key_unusable', withAccess({ version: { enabled: true, expiresAt: '2026-02-01T00:00:00Z' } })],
  ])('is %s', (code, inspected) => {
    const made = plan(inspected);
    expect(found(made)).toEqual([`blocker ${code}`]);
    expect(made.findings[0]?.remedy).not.toBe('');
    expect(steps(made)).toEqual(['grant keep', 'effect keep']);
  });

  it('does not stand in the way of undoing, where it keeps nobody out', () => {
    const outage = { version: 'unseen', outage: '503' } as const;
    const made = plan(withAccess({ ...outage, missingGrants: ['get of keys'] }));
    expect(found(made)).toEqual(['warning vault_outage']);
  });

  it('is the whole of it where a person has to help all the same', () => {
    const facts = { version: { enabled: false }, missingGrants: ['get of keys'] };
    const versions = [versionOf({ enabled: false })];
    expect(found(plan(withAccess(facts, { versions })))).toEqual(['blocker key_unusable']);
  });

  it('is a cluster that is not there, or has no key, or one that cannot be seen', () => {
    const { key: _, ...keyless } = inspectedWith({});
    const { access: __, ...unseen } = key;
    expect(found(plan(undefined))).toEqual(['blocker cluster_missing']);
    expect(found(plan(keyless))).toEqual(['blocker key_missing']);
    expect(found(plan({ ...keyless, key: unseen }))).toEqual(['blocker missing_permission']);
  });
});
