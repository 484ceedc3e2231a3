import { describe, expect, it } from 'vitest';
import { percentile, timeCalls, toLatency } from './latency.ts';

describe('percentile', () => {
  it('is the value of the nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentile(values, 50)).toBe(100);
    expect(percentile(values, 99)).toBe(198);
  });

  it('of one value is that value', () => {
    expect(percentile([7], 99)).toBe(7);
  });
});

describe('timing calls', () => {
  it('makes each call, and never more at a time than there are callers', async () => {
    let made = 0;
    let open = 0;
    let most = 0;
    const timed = await timeCalls({ callers: 3, calls: 10, withinMs: 60_000 }, async () => {
      open += 1;
      made += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      open -= 1;
    });
    expect({ made, most }).toEqual({ made: 10, most: 3 });
    expect(timed.tookMs).toHaveLength(10);
  });
});

describe('a call that fails', () => {
  const round = { callers: 1, calls: 2, withinMs: 60_000 };
  const fail = () => Promise.reject(new Error('late'));

  it('is counted, and the others go on', async () => {
    const { tookMs, failures } = await timeCalls(round, fail);
    expect({ tookMs, failed: failures.length }).toEqual({ tookMs: [], failed: 2 });
  });

  it('ends the measure when no other was answered', async () => {
    const timed = await timeCalls(round, fail);
    expect(() => toLatency(1, [timed])).toThrow('none was answered');
  });
});

describe('a round that lasts too long', () => {
  it('begins no more calls', async () => {
    let made = 0;
    const round = { callers: 2, calls: 10, withinMs: 0 };
    const timed = await timeCalls(round, async () => {
      made += 1;
    });
    expect({ made, timed }).toMatchObject({ made: 0, timed: { tookMs: [] } });
  });
});

describe('the latency of a round', () => {
  it('is that of all its slices together', () => {
    const slices = [
      { tookMs: [1, 2], failures: [], elapsedMs: 400 },
      { tookMs: [9], failures: ['late'], elapsedMs: 600 },
    ];
    const together = { callers: 2, calls: 4, failed: 1, medianMs: 2, p99Ms: 9, perSecond: 3 };
    expect(toLatency(2, slices)).toEqual(together);
  });
});
