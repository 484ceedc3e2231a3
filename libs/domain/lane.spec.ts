import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { askLane, forgetInLane, freeLane, releaseLane, type Lane } from './lane.ts';

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

it('has at most one holder, serves everybody once and raises its fence at each grant', () => {
  const command = fc.record({
    type: fc.constantFrom('ask', 'release', 'forget'),
    who: fc.constantFrom('a', 'b', 'c', 'd'),
    now: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let lane: Lane = freeLane;
      for (const { type, who, now } of commands) {
        const before = lane;
        if (type === 'ask') lane = askLane(lane, who);
        if (type === 'release') lane = releaseLane(lane, lane.fence, now);
        if (type === 'forget') lane = forgetInLane(lane, who);
        const members = [...(lane.holder === undefined ? [] : [lane.holder]), ...lane.queue];
        expect(new Set(members).size).toBe(members.length);
        expect(lane.holder === undefined && lane.queue.length > 0).toBe(false);
        expect(lane.notBefore).toBeGreaterThanOrEqual(before.notBefore);
        if (lane.holder !== undefined && lane.holder !== before.holder)
          expect(lane.fence).toBe(before.fence + 1);
      }
    }),
  );
});
