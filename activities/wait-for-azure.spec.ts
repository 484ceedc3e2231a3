import { ApplicationFailureCategory } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';

import type { Azure, OperationStatus } from '#libs/azure/azure.ts';

import { answer, runAttempt, standInAzure } from './azure-stand-in.ts';
import { waitForAzureWith, type Watched } from './wait-for-azure.ts';

const running = { state: 'running', requestId: 'r' } as const;
const succeeded = { state: 'succeeded', requestId: 'r' } as const;
const one: Watched = { target: '/one', operationUrl: 'https://management.azure.com/1' };
const two: Watched = { target: '/two', operationUrl: 'https://management.azure.com/2' };

/** An activity that polls an Azure which answers by URL. */
function watching(watched: readonly Watched[], answers: Readonly<Record<string, OperationStatus>>) {
  const poll = vi.fn<Azure['longOperation']>(async (url) => {
    const status = answers[url];
    if (status === undefined) throw answer(503);
    return status;
  });
  const wait = waitForAzureWith(standInAzure({ longOperation: poll }));
  return { poll, wait: async () => await wait(watched) };
}

const watchingOne = (status: OperationStatus) =>
  watching([one], { [one.operationUrl ?? '']: status });

describe('a running operation', () => {
  it('is asked for again, quietly, when Azure says', async () => {
    const { wait } = watchingOne({ ...running, retryAfterMs: 7_000 });
    await expect(runAttempt(wait)).rejects.toMatchObject({
      type: 'StillRunning',
      nonRetryable: false,
      nextRetryDelay: 7_000,
      category: ApplicationFailureCategory.BENIGN,
    });
  });

  it.each([
    [0, 15_000],
    [119_999, 15_000],
    [120_000, 30_000],
    [599_999, 30_000],
    [600_000, 60_000],
    [86_400_000, 60_000],
  ])('that is %i ms old is asked for again after %i ms', async (age, delay) => {
    const info = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 1_000 + age };
    await expect(runAttempt(watchingOne(running).wait, info)).rejects.toMatchObject({
      nextRetryDelay: delay,
    });
  });

  it('is polled out of step with others, by the number of its activity', async () => {
    const { wait } = watchingOne(running);
    await expect(runAttempt(wait, { activityId: '10' })).rejects.toMatchObject({
      nextRetryDelay: 16_500,
    });
  });

  it.each([
    ['not sooner than after half a second', 0, 500],
    ['not later than after ten minutes', 3_600_000, 600_000],
  ])('is asked for again %s', async (_, retryAfterMs, delay) => {
    const { wait } = watchingOne({ ...running, retryAfterMs });
    await expect(runAttempt(wait)).rejects.toMatchObject({ nextRetryDelay: delay });
  });

  it('that asks for the longest wait decides for all', async () => {
    const { wait } = watching([one, two], {
      'https://management.azure.com/1': { ...running, retryAfterMs: 2_000 },
      'https://management.azure.com/2': { ...running, retryAfterMs: 9_000 },
    });
    await expect(runAttempt(wait)).rejects.toMatchObject({
      message: 'waiting for Azure: 2 running',
      nextRetryDelay: 9_000,
    });
  });
});

describe('an ended operation', () => {
  it.each(['succeeded', 'failed', 'cancelled', 'unknown'] as const)(
    'is answered when it %s',
    async (state) => {
      const { wait } = watchingOne({ state, requestId: 'r' });
      await expect(runAttempt(wait)).resolves.toEqual([{ target: '/one', state }]);
    },
  );

  it('brings the reason of its failure', async () => {
    const { wait } = watchingOne({ state: 'failed', code: 'C', message: 'why', requestId: 'r' });
    await expect(runAttempt(wait)).resolves.toEqual([
      { target: '/one', state: 'failed', code: 'C', message: 'why' },
    ]);
  });

  it('without a URL is unknown, and nothing is asked', async () => {
    const { poll, wait } = watching([{ target: '/one' }], {});
    await expect(runAttempt(wait)).resolves.toEqual([{ target: '/one', state: 'unknown' }]);
    expect(poll).not.toHaveBeenCalled();
  });

  it('is told to the next attempt, which asks only for the others', async () => {
    const told: unknown[] = [];
    const before = watching([one, two], {
      'https://management.azure.com/1': succeeded,
      'https://management.azure.com/2': running,
    });
    await expect(runAttempt(before.wait, {}, told)).rejects.toThrow('1 running');
    expect(told.at(-1)).toEqual([{ target: '/one', state: 'succeeded' }]);

    const after = watching([one, two], { 'https://management.azure.com/2': succeeded });
    await expect(
      runAttempt(after.wait, { attempt: 2, heartbeatDetails: told.at(-1) }),
    ).resolves.toHaveLength(2);
    expect(after.poll.mock.calls.map(([url]) => url)).toEqual([two.operationUrl]);
  });
});

it('goes on trying when a poll is not answered', async () => {
  const { wait } = watching([one], {});
  await expect(runAttempt(wait)).rejects.toMatchObject({ type: 'Transient', nonRetryable: false });
});

it('has nothing to wait for when nothing is watched', async () => {
  await expect(runAttempt(watching([], {}).wait)).resolves.toEqual([]);
});
