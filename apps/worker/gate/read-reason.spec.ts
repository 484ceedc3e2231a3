import { expect, it } from 'vitest';

import { readReason } from './read-reason.ts';

it('finds the sentence in the structure', () => {
  const told = String.raw`Replay failed. Details: Failure { failure: Some(Failure { message: "[TMPRL1100] type 'a' is not \"b\"", source: "", cause: None }) }`;
  expect(readReason(told)).toBe(`[TMPRL1100] type 'a' is not "b"`);
});

it.each(['no such workflow', String.raw`Failure { message: "\u{1F}" }`])(
  'gives back whole what it does not understand: %s',
  (told) => {
    expect(readReason(told)).toBe(told);
  },
);
