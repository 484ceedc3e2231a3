import { describe, expect, it } from 'vitest';

import type { Inspected, InspectedKey } from './inspection.ts';
import { planRevocation, type GrantFacts, type RevocationFacts } from './revocation.ts';
import { rulePacks } from './service-rules.ts';
import { soundAccess as access } from './sound-access.ts';

const inspected: Inspected = {
  id: '/cluster',
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  principalId: 'p',
  workspaces: ['/one', '/two'],
  key: {
    vaultUri: 'https://kv.vault.azure.net',
    name: 'cmk',
    version: 'a'.repeat(32),
    access,
    versions: [],
    excess: [],
  },
};
const grants: GrantFacts = { atVault: true, elsewhere: [], sharedWith: [] };
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const request = { cluster, planOnly: false, reason: 'why', breakGlass: false };
const given = { rules: rulePacks.current, probes: true, begun: {} };
const { key: _, ...keyless } = inspected;
const { vault: __, ...vaultless } = access;
const withoutVault: Inspected = {
  ...inspected,
  ...(inspected.key && {
    key: { ...inspected.key, access: { ...vaultless, deletedVault: { purgeAt: 'soon' } } },
  }),
};

const steps = ({ steps: planned }: ReturnType<typeof planRevocation>) =>
  planned.map(({ name, effect }) => `${name} ${effect}`);
const codes = ({ findings }: ReturnType<typeof planRevocation>) => findings.map(({ code }) => code);

describe('a revocation', () => {
  const plan = (facts: RevocationFacts, change: Partial<typeof given> = {}) =>
    planRevocation(request, facts, { ...given, ...change });

  it('is seen before and after by probes, and says what is lost and who feels it', () => {
    const made = plan({ inspected, grants });
    expect(steps(made)).toEqual(['baseline keep', 'revoke change', 'effect keep']);
    expect(made.losses.map(({ id }) => id.split(' ')[0])).toEqual(['ingestion', 'hot-cache']);
    expect(made.findings[0]?.reason).toContain('/one, /two');
  });

  it('has no baseline where nothing can be probed', () => {
    const unlinked = { ...inspected, workspaces: [] };
    for (const made of [
      plan({ inspected, grants }, { probes: false }),
      plan({ inspected: unlinked, grants }),
    ]) {
      expect(steps(made)).toEqual(['revoke change', 'effect keep']);
      expect(codes(made)).toContain('effect_unseen');
    }
  });

  it('names other clusters with the same identity', () => {
    const made = plan({ inspected, grants: { ...grants, sharedWith: ['/other'] } });
    expect(codes(made)).toEqual(['revocation_impact', 'identity_shared']);
  });

  it.each<[string, RevocationFacts]>([
    ['cluster_missing', {}],
    ['key_missing', { inspected: keyless, grants }],
    ['grant_inherited', { inspected, grants: { ...grants, elsewhere: ['/above'] } }],
    ['grant_missing', { inspected, grants: { ...grants, atVault: false } }],
    ['vault_deleted', { inspected: withoutVault }],
  ])('is blocked by %s, and loses nothing then', (code, seen) => {
    const made = plan(seen);
    expect(codes(made)).toEqual([code]);
    expect([made.steps, made.losses]).toEqual([[], []]);
  });
});

it('tells whoever approves it when access comes back by itself', () => {
  const drill = { ...request, recoverAt: '2026-03-02T00:00:00Z' };
  const { findings } = planRevocation(drill, { inspected, grants }, given);
  expect(findings.at(-1)).toMatchObject({ code: 'recovery_planned', severity: 'info' });
  expect(findings.at(-1)?.reason).toContain(drill.recoverAt);
});

it('goes on once it has begun, though nothing is left to be taken away', () => {
  const begun = { revoke: 'change' } as const;
  const facts = { inspected, grants: { ...grants, atVault: false } };
  expect(planRevocation(request, facts, { ...given, begun })).toEqual(
    planRevocation(request, { inspected, grants }, given),
  );
});

describe('a revocation by the versions of the key', () => {
  const users = { clusters: ['/Other'], principals: ['somebody'], unread: [] };
  const versions = [{ kid: 'k', version: 'a', enabled: true }];
  const using = (change: Partial<InspectedKey>): Inspected => ({
    ...inspected,
    ...(inspected.key && { key: { ...inspected.key, versions, ...change } }),
  });
  const plan = (facts: RevocationFacts) =>
    planRevocation(
      { ...request, by: 'versions' },
      { inspected: using({}), users, ...facts },
      given,
    );

  it('names all others who lose the key, each as a loss to be approved', () => {
    const made = plan({});
    expect(steps(made)).toEqual(['baseline keep', 'revoke change', 'effect keep']);
    expect(made.losses.map(({ id }) => id)).toEqual([
      'ingestion /cluster',
      'hot-cache /cluster',
      'cluster /other',
      'user somebody',
    ]);
  });

  it('is not blocked by grants that come from elsewhere, for it needs none', () => {
    const made = plan({ grants: { ...grants, elsewhere: ['/above'] } });
    expect(codes(made)).toEqual(['revocation_impact']);
  });

  it('says whose clusters it could not look at', () => {
    expect(codes(plan({ users: { ...users, unread: ['s2'] } }))).toContain('users_unseen');
  });

  it('lets Keyturn in first, where it may not switch the key', () => {
    const vault = access.vault && { ...access.vault, ownAccess: false };
    const facts = { inspected: using({ access: { ...access, ...(vault && { vault }) } }) };
    expect(steps(plan(facts))).toContain('vault-access change');
  });

  it.each<[string, Partial<InspectedKey>]>([
    ['versions_disabled', { versions: [{ kid: 'k', version: 'a', enabled: false }] }],
    ['vault_outage', { access: { ...access, version: 'unseen', outage: '503' } }],
  ])('is blocked by %s', (code, change) => {
    expect(codes(plan({ inspected: using(change) }))).toEqual([code]);
  });
});
