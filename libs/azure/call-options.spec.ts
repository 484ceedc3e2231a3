import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLimit } from './call-options.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (signal = new AbortController().signal) =>
  openLimit({ signal, clientRequestId: 'x' }, 1000);

test('a limit in force has not ended', () => {
  const limit = open();
  vi.advanceTimersByTime(999);
  expect([limit.ended(), limit.signal.aborted]).toEqual([undefined, false]);
});

test('the deadline ends it', () => {
  const limit = open();
  vi.advanceTimersByTime(1000);
  expect([limit.ended(), limit.signal.aborted]).toEqual(['timeout', true]);
});

test('the caller ends it', () => {
  const caller = new AbortController();
  const limit = open(caller.signal);
  caller.abort();
  expect([limit.ended(), limit.signal.aborted]).toEqual(['cancelled', true]);
});

test('what ended it first is remembered', () => {
  const caller = new AbortController();
  const late = open(caller.signal);
  vi.advanceTimersByTime(1000);
  caller.abort();
  expect(late.ended()).toBe('timeout');
});

test('a caller who is gone already ends it at once', () => {
  expect(open(AbortSignal.abort()).ended()).toBe('cancelled');
});

test('closed, it neither ends nor keeps a timer', () => {
  const caller = new AbortController();
  const limit = open(caller.signal);
  limit.close();
  caller.abort();
  vi.advanceTimersByTime(1000);
  expect([limit.ended(), vi.getTimerCount()]).toEqual([undefined, 0]);
});
