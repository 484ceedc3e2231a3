import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  askEmergencyLane,
  askLane,
  forgetInLane,
  freeLane,
  holderOf,
  releaseLane,
  type Lane,
} from './lane.ts';

it('goes to the first who asks, and to the others in order', () => {
  const asked = ['a', 'b', 'c'].reduce(askLane, freeLane);
  expect(asked).toMatchObject({ holder: 'a', queue: ['b', 'c'] });
  expect(releaseLane(asked, asked.fence, 5)).toMatchObject({ holder: 'b', queue: ['c'] });
});

it('is given once to who asks twice', () => {
  const once = askLane(askLane(freeLane, 'a'), 'b');
  expect(askLane(askLane(once, 'a'), 'b')).toEqual(once);
});

it('ignores a release under an old fence', () => {
  const first = askLane(askLane(freeLane, 'a'), 'b');
  const second = releaseLane(first, first.fence, 1);
  expect(releaseLane(second, first.fence, 2)).toEqual(second);
});

it('never lets time run backwards for the next holder', () => {
  const held = askLane(askLane(freeLane, 'a'), 'b');
  const passed = releaseLane(held, held.fence, 1_000);
  expect(releaseLane(passed, passed.fence, 10).notBefore).toBe(1_000);
});

it('passes on when its holder vanishes, and forgets who no longer waits', () => {
  const asked = ['a', 'b', 'c'].reduce(askLane, freeLane);
  expect(forgetInLane(asked, 'b')).toMatchObject({ holder: 'a', queue: ['c'] });
  expect(forgetInLane(asked, 'a')).toMatchObject({ holder: 'b', fence: asked.fence + 1 });
});

it('is lost to an emergency at once, and had again next when that is over', () => {
  const asked = ['a', 'b'].reduce(askLane, freeLane);
  const urgent = askEmergencyLane(asked, 'e');
  expect(urgent).toMatchObject({ emergency: { holder: 'e' }, queue: ['a', 'b'] });
  expect(urgent).not.toHaveProperty('holder');
  expect(releaseLane(urgent, asked.fence, 5)).toEqual(urgent);
  expect(askLane(urgent, 'c')).toMatchObject({ queue: ['a', 'b', 'c'] });
  const over = releaseLane(urgent, urgent.fence, 7);
  expect(over).toMatchObject({ holder: 'a', queue: ['b'], notBefore: 7 });
  expect(over).not.toHaveProperty('emergency');
});

it('is given to one emergency after the other before anybody else', () => {
  const two = askEmergencyLane(askEmergencyLane(askLane(freeLane, 'a'), 'e'), 'f');
  expect(two.emergency).toEqual({ holder: 'e', queue: ['f'] });
  expect(forgetInLane(two, 'e')).toMatchObject({ emergency: { holder: 'f' }, queue: ['a'] });
});

it('has at most one holder, serves everybody once and raises its fence at each grant', () => {
  const command = fc.record({
    type: fc.constantFrom('ask', 'urge', 'release', 'forget'),
    who: fc.constantFrom('a', 'b', 'c', 'd'),
    now: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let lane: Lane = freeLane;
      for (const { type, who, now } of commands) {
        const before = lane;
        if (type === 'ask') lane = askLane(lane, who);
        // Nobody asks for both lanes.
        if (type === 'urge') lane = askEmergencyLane(lane, who.toUpperCase());
        if (type === 'release') lane = releaseLane(lane, lane.fence, now);
        if (type === 'forget') lane = forgetInLane(forgetInLane(lane, who), who.toUpperCase());
        const { holder, emergency, queue } = lane;
        const urgent = emergency === undefined ? [] : [emergency.holder, ...emergency.queue];
        const members = [...(holder === undefined ? [] : [holder]), ...queue, ...urgent];
        expect(new Set(members).size).toBe(members.length);
        expect(holder !== undefined && emergency !== undefined).toBe(false);
        expect(holderOf(lane) === undefined && queue.length > 0).toBe(false);
        expect(lane.notBefore).toBeGreaterThanOrEqual(before.notBefore);
        if (holderOf(lane) !== undefined && holderOf(lane) !== holderOf(before))
          expect(lane.fence).toBeGreaterThan(before.fence);
      }
    }),
  );
});
