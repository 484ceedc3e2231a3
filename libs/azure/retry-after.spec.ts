import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readRetryAfterMs } from './retry-after.ts';

const read = (headers: Record<string, string>) =>
  readRetryAfterMs({ get: (name) => headers[name] });

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-03-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

test.each([
  ['seconds', { 'retry-after': '17' }, 17_000],
  ['no wait at all', { 'retry-after': '0' }, 0],
  ['milliseconds of its own, which win', { 'retry-after-ms': '250', 'retry-after': '17' }, 250],
  ["milliseconds in Azure's older header", { 'x-ms-retry-after-ms': '300' }, 300],
  [
    "a date, measured against the answer's own clock",
    { 'retry-after': 'Sun, 01 Mar 2026 10:00:30 GMT', date: 'Sun, 01 Mar 2026 10:00:00 GMT' },
    30_000,
  ],
  [
    'a date, without a clock of its own',
    { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT' },
    60_000,
  ],
  ['a date that has passed', { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['a negative number', { 'retry-after-ms': '-1' }, undefined],
  ['nothing', {}, undefined],
])('an answer that says %s', (_, headers, waitMs) => {
  expect(read(headers as Record<string, string>)).toBe(waitMs);
});
