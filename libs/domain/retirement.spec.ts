import { describe, expect, it } from 'vitest';

import { disableStep, type UsedKey } from './used-key.ts';
import { everyVersion, type RetirementRequest } from './operation-request.ts';
import { planText } from './plan.ts';
import type { KeyVersionSeen } from './provision-facts.ts';
import { planRetirement, type RetirementFacts } from './retirement.ts';
import { dayMs, rulePacks } from './service-rules.ts';

const now = Date.parse('2026-03-10T00:00:00Z');
const [one, two, three] = ['1'.repeat(32), '2'.repeat(32), '3'.repeat(32)];
const version = (name: string, change: Partial<KeyVersionSeen> = {}): KeyVersionSeen => ({
  kid: `https://kv.vault.azure.net/keys/cmk/${name}`,
  version: name,
  enabled: true,
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});
const user = (id: string, used: string) => ({ id, version: used, isMoving: false });
const sound: UsedKey = {
  vaultId: '/vault',
  keyName: 'cmk',
  ownAccess: true,
  versions: [version(one), version(two)],
  users: [user('/cluster', two)],
  unread: [],
  isLogRead: true,
};
const request: RetirementRequest = {
  cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'main' },
  version: one,
  keepMs: dayMs,
  planOnly: false,
};
const given = { rules: rulePacks.current, now, begun: {} };

const plan = (
  change: Partial<RetirementRequest> = {},
  use: Partial<UsedKey> = {},
  where: Partial<typeof given> = {},
) =>
  planRetirement(
    { ...request, ...change },
    { clusterId: '/cluster', use: { ...sound, ...use } },
    { ...given, ...where },
  );
const codes = ({ plan: { findings } }: ReturnType<typeof plan>) =>
  findings.map(({ code, rule }) => `${code} ${rule}`);
const losses = ({ plan: made }: ReturnType<typeof plan>) =>
  made.losses.map(({ id }) => id.split(' ')[0]);

it('disables the version that was left, and says what is lost', () => {
  const made = plan();
  expect(made.plan.findings).toEqual([]);
  expect(made.plan.steps).toMatchObject([{ name: disableStep(one), effect: 'change' }]);
  expect(made.retirement).toEqual({ vaultId: '/vault', keyName: 'cmk', versions: [one] });
  expect(losses(made)).toEqual(['key-version']);
  expect(made.hold).toBeUndefined();
});

it('that follows a rotation looks at its instant who is still on the version', () => {
  const follows = { follows: 'op', notBefore: '2026-03-11T00:00:00Z' };
  const use = { users: [user('/cluster', two), user('/other', one)] };
  const early = plan(follows, use);
  expect(codes(early)).toEqual(['version_in_use R96']);
  expect(early.hold?.until).toBe('2026-03-11T00:00:00.000Z');
  const due = plan(follows, use, { now: Date.parse(follows.notBefore) });
  expect(due.plan.findings[0]?.severity).toBe('blocker');
  expect(due.hold).toBeUndefined();
});

it('retires every version of a key that nothing is on', () => {
  const versions = [version(one), version(two, { enabled: false }), version(three)];
  const made = plan({ version: everyVersion }, { versions, users: [] });
  expect(made.retirement?.versions).toEqual([one, three]);
  expect(losses(made)).toEqual(['key-version', 'key-version']);
});

it('has nothing to do, and nothing to lose, where it is disabled already', () => {
  const versions = [version(one, { enabled: false }), version(two)];
  const made = plan({}, { versions });
  expect(made.plan).toMatchObject({ steps: [{ effect: 'keep' }], losses: [] });
  expect(made.retirement?.versions).toEqual([]);
});

it('stays the same plan when it has done a part', () => {
  const asked = { version: everyVersion };
  const versions = [version(one), version(two)];
  const before = plan(asked, { versions, users: [] });
  const done = [version(one, { enabled: false }), version(two)];
  const begun = { [disableStep(one)]: 'change' } as const;
  const after = plan(asked, { versions: done, users: [] }, { begun });
  const text = (made: typeof before) => planText('retire-version', asked, made.plan);
  expect(text(after)).toBe(text(before));
  expect(after.retirement).toEqual(before.retirement);
});

describe('what it is held back by', () => {
  const at = (text: string) => ({ changedAt: text });

  it.each<[string, Partial<RetirementRequest>, Partial<UsedKey>]>([
    ['2026-03-12T00:00:00.000Z', { notBefore: '2026-03-12T00:00:00Z' }, {}],
    [
      '2026-03-10T12:00:00.000Z',
      {},
      { users: [{ ...user('/other', two), ...at('2026-03-09T12:00:00Z') }] },
    ],
    ['2026-03-10T06:00:00.000Z', {}, { leftAt: '2026-03-09T06:00:00Z', users: [] }],
    [
      '2026-03-10T01:00:00.000Z',
      {},
      {
        users: [user('/follower', '')],
        versions: [version(one), version(two, { createdAt: '2026-03-09T01:00:00Z' })],
      },
    ],
    [
      '2026-03-10T22:00:00.000Z',
      {},
      {
        unwrapped: [
          { clusterId: '/cluster', version: one, lastAt: '2026-03-09T22:00:00Z' },
          { clusterId: '/cluster', version: two, lastAt: '2026-03-09T23:59:00Z' },
        ],
      },
    ],
  ])('is a cluster that may still use it, until %s', (until, change, use) => {
    expect(plan(change, use).hold?.until).toBe(until);
  });

  it('is the last of several, and nothing that is over', () => {
    const users = [
      { ...user('/first', two), ...at('2026-03-09T06:00:00Z') },
      { ...user('/second', two), ...at('2026-03-09T09:00:00Z') },
    ];
    expect(plan({}, { users }).hold).toEqual({
      until: '2026-03-10T09:00:00.000Z',
      detail: 'cluster /second may still use what it left',
    });
    expect(plan({ notBefore: '2026-03-09T00:00:00Z' }).hold).toBeUndefined();
  });

  it('does not change the plan that is agreed to', () => {
    const held = plan({}, { leftAt: '2026-03-09T06:00:00Z' });
    expect(planText('retire-version', request, held.plan)).toBe(
      planText('retire-version', request, plan().plan),
    );
  });
});

describe('what nobody has seen', () => {
  it.each<[string, Partial<RetirementRequest>, Partial<UsedKey>]>([
    ['a proof from stated limits alone', { proof: 'assumed' }, {}],
    ['a cluster that shows no version', {}, { users: [user('/follower', '')] }],
    ['clusters that could not be read', {}, { unread: ['s2'] }],
  ])('is a loss of its own: %s', (_, change, use) => {
    const made = plan(change, use);
    expect(losses(made)).toEqual(['key-version', 'unproven']);
    expect(made.plan.losses[1]?.text).toContain('NOBODY HAS SEEN');
  });

  it('is no loss where the proof is better', () => {
    expect(losses(plan({ proof: 'proven' }))).toEqual(['key-version']);
    const users = [user('/CLUSTER', '')];
    expect(losses(plan({ proof: 'proven' }, { users }))).toEqual(['key-version']);
    const others = [...users, user('/other', '')];
    expect(losses(plan({ proof: 'proven' }, { users: others }))).toContain('unproven');
  });

  it.each<[string, Partial<RetirementRequest>, Partial<UsedKey>]>([
    ['users_unseen R96', {}, { unread: ['s2'] }],
    ['soak_unseen R96', {}, { isLogRead: false }],
    ['short_soak R96', { keepMs: 0 }, {}],
    ['cluster_not_ready R96', {}, { users: [{ ...user('/moving', two), isMoving: true }] }],
  ])('is said: %s', (code, change, use) => {
    expect(codes(plan(change, use))).toEqual([code]);
  });
});

describe('what blocks it', () => {
  it.each<[string, Partial<RetirementRequest>, Partial<UsedKey>]>([
    ['version_in_use R96', { version: two }, {}],
    [
      'version_in_use R96',
      {},
      { users: [user('/cluster', two), user('/other', one.toUpperCase())] },
    ],
    ['version_in_use R96', { version: two }, { users: [user('/follower', '')] }],
    ['version_in_use R96', { version: everyVersion }, {}],
    ['key_missing R59', { version: three }, {}],
    ['key_missing R59', { version: everyVersion }, { versions: [] }],
    ['last_version R96', {}, { versions: [version(one), version(two, { enabled: false })] }],
    ['missing_permission R52', {}, { ownAccess: false }],
  ])('is %s', (code, change, use) => {
    const made = plan(change, use);
    expect(codes(made)).toEqual([code]);
    expect(made).not.toHaveProperty('retirement');
  });

  it('is a cluster that is not there, or has no key to be found', () => {
    const over = (facts: RetirementFacts) => codes(planRetirement(request, facts, given));
    expect(over({})).toEqual(['cluster_missing R116']);
    expect(over({ clusterId: '/cluster' })).toEqual(['key_missing R94']);
  });

  it('names the cluster that uses it', () => {
    const made = plan({}, { users: [user('/other', one)] });
    expect(made.plan.findings[0]?.reason).toBe(`cluster /other uses version ${one}`);
  });
});
