import { describe, expect, it } from 'vitest';

import type { KeyAccessFacts } from './diagnose.ts';
import type { Inspected } from './inspection.ts';
import { planRecovery, planRevocation, type GrantFacts } from './revocation.ts';
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
const withAccess = (change: Partial<KeyAccessFacts>): Inspected => ({
  ...inspected,
  ...(inspected.key && { key: { ...inspected.key, access: { ...access, ...change } } }),
});
const grants: GrantFacts = { atVault: true, elsewhere: [], sharedWith: [] };
const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const request = { cluster, planOnly: false, reason: 'why', breakGlass: false };
const given = { rules: rulePacks.current, probes: true };
const { key: _, ...keyless } = inspected;

const steps = ({ steps: planned }: ReturnType<typeof planRecovery>) =>
  planned.map(({ name, effect }) => `${name} ${effect}`);
const codes = ({ findings }: ReturnType<typeof planRecovery>) => findings.map(({ code }) => code);

describe('a revocation', () => {
  const plan = (seen: Parameters<typeof planRevocation>[1], probes = true) =>
    planRevocation(request, seen, { ...given, probes });

  it('is seen before and after by probes, and says what is lost and who feels it', () => {
    const made = plan({ inspected, grants });
    expect(steps(made)).toEqual(['baseline keep', 'revoke change', 'effect keep']);
    expect(made.losses.map(({ id }) => id.split(' ')[0])).toEqual(['ingestion', 'hot-cache']);
    expect(made.findings[0]?.reason).toContain('/one, /two');
  });

  it('has no baseline where nothing can be probed', () => {
    expect(steps(plan({ inspected, grants }, false))).toEqual(['revoke change', 'effect keep']);
    expect(steps(plan({ inspected: { ...inspected, workspaces: [] }, grants }))).toEqual([
      'revoke change',
      'effect keep',
    ]);
  });

  it('names other clusters with the same identity', () => {
    const made = plan({ inspected, grants: { ...grants, sharedWith: ['/other'] } });
    expect(codes(made)).toEqual(['revocation_impact', 'identity_shared']);
  });

  it.each<[string, Parameters<typeof planRevocation>[1]]>([
    ['cluster_missing', {}],
    ['key_missing', { inspected: keyless, grants }],
    ['grant_inherited', { inspected, grants: { ...grants, elsewhere: ['/above'] } }],
    ['grant_missing', { inspected, grants: { ...grants, atVault: false } }],
  ])('is blocked by %s, and loses nothing then', (code, seen) => {
    const made = plan(seen);
    expect(codes(made)).toEqual([code]);
    expect([made.steps, made.losses]).toEqual([[], []]);
  });
});

describe('a recovery', () => {
  it('makes the grant again and sees its effect, and loses nothing', () => {
    const made = planRecovery(request, withAccess({ missingGrants: ['get of keys'] }), given);
    expect(steps(made)).toEqual(['grant change', 'effect keep']);
    expect([codes(made), made.losses]).toEqual([[], []]);
  });

  it('keeps a grant that is there', () => {
    expect(steps(planRecovery(request, inspected, given))).toEqual(['grant keep', 'effect keep']);
  });

  it('names every other cause instead of guessing', () => {
    const disabled = withAccess({ version: { enabled: false }, missingGrants: ['get of keys'] });
    expect(codes(planRecovery(request, disabled, given))).toEqual(['key_unusable']);
  });
});
