import { describe, expect, it } from 'vitest';

import type { Inspected } from './inspection.ts';
import type { RotationRequest } from './operation-request.ts';
import { planText } from './plan.ts';
import { planRotation } from './rotation.ts';
import { rulePacks } from './service-rules.ts';
import { soundAccess as access } from './sound-access.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
const vaultUri = 'https://kv.vault.azure.net';
const version = (name: string, change: object = {}) => ({
  kid: `${vaultUri}/keys/cmk/${name}`,
  version: name,
  enabled: true,
  ...change,
});
const key = {
  vaultUri,
  name: 'cmk',
  version: one,
  access,
  versions: [version(one), version(two)],
  excess: [],
};
const inspected: Inspected = {
  id: '/cluster',
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  principalId: 'p',
  workspaces: [],
  key,
};
const request: RotationRequest = {
  cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'main' },
  to: 'new',
  soakMs: 24 * 3_600_000,
  planOnly: false,
};
const given = { rules: rulePacks.current, now, operationId: 'op', begun: {} };

const plan = (
  change: Partial<RotationRequest> = {},
  keyChange: object = {},
  where: Partial<typeof given> = {},
) =>
  planRotation(
    { ...request, ...change },
    { ...inspected, key: { ...key, ...keyChange } },
    { ...given, ...where },
  );
const blockers = ({ plan: { findings } }: ReturnType<typeof plan>) =>
  findings.map(({ code, rule }) => `${code} ${rule}`);
const effects = ({ plan: { steps } }: ReturnType<typeof plan>) =>
  steps.map(({ name, effect }) => `${name} ${effect}`);

it('makes a version, binds it, soaks and proves, in this order', () => {
  const made = plan();
  expect(effects(made)).toEqual(['version create', 'bind change', 'soak keep', 'proof keep']);
  expect(made.rotation).toEqual({ vaultId: '/vault', keyName: 'cmk', mode: 'explicit', from: one });
});

it('takes the latest version, or the one that is named', () => {
  expect(plan({ to: 'latest' }).rotation?.to).toBe(two);
  expect(plan({ to: one.toUpperCase() }).rotation?.to).toBe(one);
});

it('has nothing to bind where the cluster shows the version already', () => {
  expect(effects(plan({ to: one }))).toContain('bind keep');
});

it('goes over to following the latest version, and back', () => {
  const over = plan({ to: 'latest', mode: 'automatic' });
  expect(over.rotation).toMatchObject({ mode: 'automatic', to: two });
  expect(effects(over)).toContain('bind change');
  const back = plan({ to: one, mode: 'explicit' }, { version: '' });
  expect(back.rotation).toMatchObject({ mode: 'explicit', from: two, to: one });
});

it('stays the same plan after its own version was made and bound', () => {
  const own = version('3'.repeat(32), { madeBy: 'op' });
  const versions = [version(one), own];
  const begun = { version: 'create', bind: 'change' } as const;
  const again = plan({}, { versions, version: own.version }, { begun });
  const before = plan({}, { versions: [version(one)] });
  expect(planText('rotate', request, again.plan)).toBe(planText('rotate', request, before.plan));
  expect(again.rotation).toMatchObject({ from: one, to: own.version });
});

it('leaves a version that is disabled or expired: that is what it is for', () => {
  expect(blockers(plan({}, { access: { ...access, version: { enabled: false } } }))).toEqual([]);
});

describe('what blocks it', () => {
  it.each<[string, Partial<RotationRequest>, object]>([
    ['key_missing R59', { to: 'f'.repeat(32) }, {}],
    [
      'key_unusable R60',
      { to: two },
      { versions: [version(one), version(two, { enabled: false })] },
    ],
    ['key_unusable R93', { to: one }, { version: '' }],
    ['missing_permission R112', {}, { access: { ...access, missingGrants: ['get of keys'] } }],
    ['missing_permission R52', {}, { versions: undefined }],
  ])('is %s', (code, change, keyChange) => {
    expect(blockers(plan(change, keyChange))).toEqual([code]);
  });

  it('is a cluster that is not there, or has no key', () => {
    const { key: _, ...keyless } = inspected;
    expect(blockers(planRotation(request, undefined, given))).toEqual(['cluster_missing R116']);
    expect(blockers(planRotation(request, keyless, given))).toEqual(['key_missing R94']);
  });
});
