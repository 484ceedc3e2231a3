import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { everyVersion, type RetirementRequest } from './operation-request.ts';
import { planRetirement, usersOf } from './retirement.ts';
import { rulePacks } from './service-rules.ts';
import { disableStep, type UsedKey } from './used-key.ts';

/** What must hold of a retirement whatever estate it meets (R96). */
const now = Date.parse('2026-03-10T00:00:00Z');
const names = ['1', '2', '3', '4'].map((digit) => digit.repeat(32));
const instant = fc
  .integer({ min: now - 5 * 86_400_000, max: now })
  .map((at) => new Date(at).toISOString());

const versions = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }).chain((chosen) =>
  fc.tuple(
    ...chosen.map((version) =>
      fc.record({
        kid: fc.constant(`https://kv.vault.azure.net/keys/cmk/${version}`),
        version: fc.constant(version),
        enabled: fc.boolean(),
        createdAt: instant,
      }),
    ),
  ),
);
const user = fc.record(
  {
    id: fc.constantFrom('/cluster', '/other', '/third'),
    version: fc.constantFrom('', ...names),
    isMoving: fc.boolean(),
    changedAt: instant,
  },
  { requiredKeys: ['id', 'version', 'isMoving'] },
);
const used: fc.Arbitrary<UsedKey> = fc.record(
  {
    vaultId: fc.constant('/vault'),
    keyName: fc.constant('cmk'),
    ownAccess: fc.boolean(),
    versions,
    users: fc.array(user, { maxLength: 3 }),
    leftAt: instant,
    unread: fc.array(fc.constantFrom('s2', 's3'), { maxLength: 2 }),
    isLogRead: fc.boolean(),
  },
  { requiredKeys: ['vaultId', 'keyName', 'ownAccess', 'users', 'unread', 'isLogRead'] },
);
const asked: fc.Arbitrary<RetirementRequest> = fc.record({
  cluster: fc.constant({ subscriptionId: 's', resourceGroup: 'g', name: 'main' }),
  version: fc.constantFrom(everyVersion, ...names),
  keepMs: fc.constantFrom(0, 86_400_000),
  planOnly: fc.constant(false),
});
const begun = fc
  .array(fc.constantFrom(...names))
  .map((done) => Object.fromEntries(done.map((name) => [disableStep(name), 'change' as const])));

it('never retires a version that a cluster uses, nor the last one of a key, one by one', () => {
  fc.assert(
    fc.property(asked, used, begun, (request, use, done) => {
      const given = { rules: rulePacks.current, now, begun: done };
      const { plan, retirement } = planRetirement(request, { clusterId: '/cluster', use }, given);
      for (const version of retirement?.versions ?? []) {
        expect(usersOf({ version }, use)).toEqual([]);
        expect(plan.losses.some(({ id }) => id.includes(version))).toBe(true);
      }
      const enabled = (use.versions ?? []).filter((version) => version.enabled);
      const isRetired = (version: string) => retirement?.versions.includes(version) === true;
      const left = enabled.filter(({ version }) => !isRetired(version));
      const isKeyLeft = request.version === everyVersion || left.length > 0;
      expect(left.length === enabled.length || isKeyLeft).toBe(true);
    }),
  );
});

it('is held back until no cluster may still use what it left', () => {
  fc.assert(
    fc.property(asked, used, (request, use) => {
      const given = { rules: rulePacks.current, now, begun: {} };
      const planned = planRetirement(request, { clusterId: '/cluster', use }, given);
      if (planned.retirement === undefined || planned.retirement.versions.length === 0) return;
      const changes = [use.leftAt, ...use.users.map(({ changedAt }) => changedAt)];
      const fresh = changes.flatMap((at) => (at === undefined ? [] : Date.parse(at)));
      const due = Math.max(...fresh, 0) + request.keepMs;
      if (due > now) expect(Date.parse(planned.hold?.until ?? '')).toBeGreaterThanOrEqual(due);
    }),
  );
});
