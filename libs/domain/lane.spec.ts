import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  askEmergencyLane,
  askLane,
  askToShare,
  forgetInLane,
  freeLane,
  grantsOf,
  holdersOf,
  isFree,
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

it('is shared by all who would share it, until somebody wants it alone', () => {
  const both = ['a', 'b'].reduce((lane, who) => askToShare(lane, who), freeLane);
  expect(holdersOf(both)).toEqual(['a', 'b']);
  const wanted = askToShare(askLane(both, 'x'), 'c');
  expect(wanted).toMatchObject({ queue: ['x', 'c'] });
  const [first, second] = grantsOf(wanted);
  const one = releaseLane(wanted, first?.fence ?? 0, 1);
  expect(holdersOf(one)).toEqual(['b']);
  const alone = releaseLane(one, second?.fence ?? 0, 2);
  expect(alone).toMatchObject({ holder: 'x', queue: ['c'], notBefore: 2 });
  expect(holdersOf(releaseLane(alone, alone.fence, 3))).toEqual(['c']);
});

it('is shared by who stood behind somebody that no longer wants it alone', () => {
  const waiting = askToShare(askLane(askToShare(freeLane, 'a'), 'x'), 'b');
  expect(holdersOf(forgetInLane(waiting, 'x'))).toEqual(['a', 'b']);
});

it('is lost by all who share it to an emergency, and shared again next', () => {
  const shared = askLane(askToShare(askToShare(freeLane, 'a'), 'b'), 'x');
  const urgent = askEmergencyLane(shared, 'e');
  expect(holdersOf(urgent)).toEqual(['e']);
  const over = releaseLane(urgent, urgent.fence, 7);
  expect(holdersOf(over)).toEqual(['a', 'b']);
  expect(over.queue).toEqual(['x']);
});

it('is held alone or shared, serves everybody in order and raises its fence at each grant', () => {
  const command = fc.record({
    type: fc.constantFrom('ask', 'share', 'urge', 'release', 'forget'),
    who: fc.constantFrom('a', 'b', 'c', 'd'),
    which: fc.nat(3),
    now: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let lane: Lane = freeLane;
      for (const { type, who, which, now } of commands) {
        const before = lane;
        const released = grantsOf(lane)[which % Math.max(grantsOf(lane).length, 1)];
        if (type === 'ask') lane = askLane(lane, who);
        if (type === 'share') lane = askToShare(lane, who);
        // Nobody asks for both lanes.
        if (type === 'urge') lane = askEmergencyLane(lane, who.toUpperCase());
        if (type === 'release') lane = releaseLane(lane, released?.fence ?? 0, now);
        if (type === 'forget') lane = forgetInLane(forgetInLane(lane, who), who.toUpperCase());
        const { holder, emergency, queue, shared = [], sharing = [] } = lane;
        const urgent = emergency === undefined ? [] : [emergency.holder, ...emergency.queue];
        const sharers = shared.map(({ operationId }) => operationId);
        const members = [
          ...(holder === undefined ? [] : [holder]),
          ...sharers,
          ...queue,
          ...urgent,
        ];
        expect(new Set(members).size).toBe(members.length);
        const ways = [holder !== undefined, emergency !== undefined, sharers.length > 0];
        expect(ways.filter(Boolean).length).toBeLessThanOrEqual(1);
        expect(holdersOf(lane).length === 0 && queue.length > 0).toBe(false);
        // Who would share it waits only behind somebody who would not.
        if (emergency === undefined && holder === undefined && queue[0] !== undefined)
          expect(sharing).not.toContain(queue[0]);
        expect(queue.filter((each) => sharing.includes(each))).toEqual(sharing);
        // Who waited still waits in the same order, or holds it; only an emergency's victims come before them.
        const still = before.queue.filter((each) => queue.includes(each));
        expect(queue.filter((each) => still.includes(each))).toEqual(still);
        expect(lane.notBefore).toBeGreaterThanOrEqual(before.notBefore);
        for (const { operationId, fence } of grantsOf(lane))
          if (!holdersOf(before).includes(operationId)) expect(fence).toBeGreaterThan(before.fence);
      }
      for (const who of ['a', 'b', 'c', 'd', 'A', 'B', 'C', 'D']) lane = forgetInLane(lane, who);
      expect(isFree(lane)).toBe(true);
    }),
  );
});

it('is given in the end to everybody who waits, whoever else comes to share it', () => {
  const coming = fc.array(fc.constantFrom('s', 't', 'u', 'v'), { maxLength: 20 });
  fc.assert(
    fc.property(coming, (others) => {
      let lane = askLane(askToShare(freeLane, 'a'), 'x');
      for (const other of others) lane = askToShare(lane, other);
      expect(holdersOf(lane)).toEqual(['a']);
      expect(holdersOf(forgetInLane(lane, 'a'))).toEqual(['x']);
    }),
  );
});
