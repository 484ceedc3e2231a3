import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { consentDays, neededFor, type Consent } from './consent.ts';
import type { Plan } from './plan.ts';
import { dayMs } from './service-rules.ts';

const planOf = (hash: string, ...losses: string[]): Plan => ({
  hash,
  steps: [],
  findings: [],
  cost: {},
  losses: losses.map((text) => ({ id: text, text })),
  rulePack: 'current',
});
const start = Date.parse('2026-03-01T00:00:00.000Z');
const given = (planHash: string, via: Consent['via']): Consent => ({
  planHash,
  via,
  at: new Date(start).toISOString(),
});

describe('a yes that was given', () => {
  const days = (count: number) => start + count * dayMs;
  it.each([
    { yes: 'to this plan holds', last: given('a', 'approve'), now: days(7), state: 'nothing' },
    { yes: 'a week ago asks again', last: given('a', 'approve'), now: days(8), state: 'question' },
    { yes: 'by the request holds', last: given('a', 'request'), now: days(14), state: 'nothing' },
    {
      yes: 'by breaking the glass grows old too',
      last: given('a', 'break-glass'),
      now: days(8),
      state: 'question',
    },
    { yes: 'to another asks again', last: given('b', 'request'), now: days(0), state: 'question' },
  ])('$yes', ({ last, now, state }) => {
    expect(neededFor(planOf('a'), { request: {}, last, now })).toMatchObject({ state });
  });
});

it('says why it asks', () => {
  const reasons = [
    neededFor(planOf('a'), { request: { acceptPlan: 'b' }, last: undefined, now: start }),
    neededFor(planOf('a', 'Data is lost.'), { request: {}, last: undefined, now: start }),
    neededFor(planOf('a'), { request: {}, last: given('b', 'approve'), now: start }),
    neededFor(planOf('a'), { request: {}, last: given('a', 'approve'), now: start + 8 * dayMs }),
  ].map((needed) => needed.state === 'question' && needed.asked.reason);
  expect(reasons).toEqual([
    'the plan is not the one accepted',
    'Data is lost.',
    'the plan has changed since',
    'the yes to it is older than 7 days',
  ]);
});

it('never carries out a plan that loses something without a fresh yes to that very plan', () => {
  const happening = fc.oneof(
    fc.record({ plan: fc.constantFrom('a', 'b'), loses: fc.boolean() }),
    fc.record({ passes: fc.integer({ min: 0, max: 10 * dayMs }) }),
    fc.constant('yes' as const),
  );
  const asking = fc.record({
    acceptPlan: fc.constantFrom('a', 'b', undefined),
    breakGlass: fc.boolean(),
  });
  fc.assert(
    fc.property(asking, fc.array(happening, { maxLength: 40 }), (asked, happenings) => {
      const { acceptPlan, breakGlass } = asked;
      const request = { breakGlass, ...(acceptPlan !== undefined && { acceptPlan }) };
      let now = start;
      let plan = planOf('a');
      let last: Consent | undefined;
      for (const each of happenings) {
        if (each === 'yes') last = { planHash: plan.hash, via: 'approve', at: iso(now) };
        else if ('passes' in each) now += each.passes;
        else plan = planOf(`${each.plan}${each.loses}`, ...(each.loses ? ['data'] : []));
        const needed = neededFor(plan, { request, last, now });
        if (needed.state === 'question') {
          expect(needed.asked.planHash).toBe(plan.hash);
          expect(needed.asked.from).toBe(plan.losses.length > 0 ? 'second-person' : 'requester');
          continue;
        }
        if (needed.state === 'own-yes') {
          expect([last, plan.losses.length > 0 && !breakGlass]).toEqual([undefined, false]);
          last = { planHash: plan.hash, via: needed.via, at: iso(now) };
        }
        expect(last?.planHash).toBe(plan.hash);
        if (last?.via === 'request') expect(plan.losses).toEqual([]);
        else expect(now - Date.parse(last?.at ?? '')).toBeLessThanOrEqual(consentDays * dayMs);
      }
    }),
  );
});

const iso = (at: number) => new Date(at).toISOString();
