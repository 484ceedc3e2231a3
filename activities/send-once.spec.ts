import { ApplicationFailureCategory } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';

import type { Attempt } from './azure-call.ts';
import { answer, azureError } from './azure-stand-in.ts';
import { sendOnce } from './send-once.ts';

const start = Date.parse('2026-03-01T00:00:00Z');

/** An attempt at an instant, of which an earlier one told something. */
function attemptAt(now: number, toldBefore?: unknown): Attempt {
  let told = toldBefore;
  return {
    told: () => told,
    tell: (details) => {
      told = details;
    },
    now: () => now,
  };
}

const failing = (error: Error) => vi.fn<() => Promise<string>>().mockRejectedValue(error);
const sending = () => vi.fn<() => Promise<string>>().mockResolvedValue('made');

describe('the first time', () => {
  it('sends, and answers what Azure answered', async () => {
    const send = sending();
    await expect(sendOnce(attemptAt(start), 'key a', send)).resolves.toBe('made');
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('tells what it sends before it sends it', async () => {
    const attempt = attemptAt(start);
    const send = vi.fn(async () => attempt.told());
    await expect(sendOnce(attempt, 'key a', send)).resolves.toEqual({
      sentAt: { 'key a': start },
    });
  });
});

describe('a lost answer', () => {
  it.each([
    ['a torn connection', azureError({ kind: 'network' })],
    ['a deadline', azureError({ kind: 'timeout' })],
    ['a cancelled call', azureError({ kind: 'cancelled' })],
    ['an answer of 408', answer(408)],
    ['an answer of 200 that cannot be read', answer(200)],
    ['an answer of 500', answer(500)],
    ['an answer of 503', answer(503)],
  ])('by %s is looked for after a minute, quietly', async (_, error) => {
    await expect(sendOnce(attemptAt(start), 'key a', failing(error))).rejects.toMatchObject({
      type: 'AnswerLost',
      nonRetryable: false,
      nextRetryDelay: 60_000,
      category: ApplicationFailureCategory.BENIGN,
    });
  });

  it("is looked for later when Azure says so, and Azure's words are passed on", async () => {
    const error = azureError({ status: 503, azureMessage: 'Closed.', retryAfterMs: 90_000 });
    await expect(sendOnce(attemptAt(start), 'key a', failing(error))).rejects.toMatchObject({
      message: expect.stringContaining('503 Closed.'),
      nextRetryDelay: 90_000,
    });
    const soon = azureError({ status: 503, retryAfterMs: 1_000 });
    await expect(sendOnce(attemptAt(start), 'key a', failing(soon))).rejects.toMatchObject({
      nextRetryDelay: 60_000,
    });
  });

  it('is not sent again within the minute, and the rest of it is waited for', async () => {
    const send = sending();
    const attempt = attemptAt(start + 20_000, { sentAt: { 'key a': start } });
    await expect(sendOnce(attempt, 'key a', send)).rejects.toMatchObject({
      type: 'AnswerLost',
      nextRetryDelay: 40_000,
    });
    expect(send).not.toHaveBeenCalled();
  });

  it('keeps its first instant while it is waited for', async () => {
    const attempt = attemptAt(start + 59_999, { sentAt: { 'key a': start } });
    await expect(sendOnce(attempt, 'key a', sending())).rejects.toThrow('looking for key a again');
    expect(attempt.told()).toEqual({ sentAt: { 'key a': start } });
  });

  it('is sent again after the minute, under a new instant', async () => {
    const send = sending();
    const attempt = attemptAt(start + 60_000, { sentAt: { 'key a': start } });
    await expect(sendOnce(attempt, 'key a', send)).resolves.toBe('made');
    expect(attempt.told()).toEqual({ sentAt: { 'key a': start + 60_000 } });
  });

  it('of one thing does not hold up another', async () => {
    const attempt = attemptAt(start + 1, { sentAt: { one: start } });
    await expect(sendOnce(attempt, 'two', sending())).resolves.toBe('made');
    expect(attempt.told()).toEqual({ sentAt: { one: start, two: start + 1 } });
  });
});

describe('a request that took no effect', () => {
  it.each([
    ['an answer of 400', answer(400, 'Cluster not found')],
    ['an answer of 429', answer(429)],
    ['a request that never left', azureError({ kind: 'network', sent: false })],
    ['a bug', new TypeError('x is undefined')],
  ])('passes %s', async (_, error) => {
    await expect(sendOnce(attemptAt(start), 'key a', failing(error))).rejects.toBe(error);
  });

  it('may be sent again at once', async () => {
    const attempt = attemptAt(start, { sentAt: { other: start } });
    await expect(sendOnce(attempt, 'key a', failing(answer(429)))).rejects.toThrow('429');
    const next = attemptAt(start + 10_000, attempt.told());
    await expect(sendOnce(next, 'key a', sending())).resolves.toBe('made');
  });

  it('forgets nothing of what else was sent meanwhile', async () => {
    const attempt = attemptAt(start);
    const both = [
      sendOnce(attempt, 'one', failing(answer(400))),
      sendOnce(attempt, 'two', sending()),
    ];
    await Promise.allSettled(both);
    expect(attempt.told()).toEqual({ sentAt: { two: start } });
  });
});
