/** How long calls took, in milliseconds. */
export interface Latency {
  readonly callers: number;
  readonly calls: number;
  /** Of the calls; they are in no other number. */
  readonly failed: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Calls answered in a second, by all callers together. */
  readonly perSecond: number;
}

/** Callers at a time, and how many calls they make together at most. */
export interface Round {
  readonly callers: number;
  readonly calls: number;
  /** No call begins later than this. */
  readonly withinMs: number;
}

/** What was seen of some calls. */
export interface Timed {
  /** One for each call that was answered. */
  readonly tookMs: readonly number[];
  readonly failures: readonly unknown[];
  readonly elapsedMs: number;
}

/** Has callers call one after the other, each as soon as its call before is answered. */
export async function timeCalls(
  { callers, calls, withinMs }: Round,
  call: () => Promise<unknown>,
): Promise<Timed> {
  const tookMs: number[] = [];
  const failures: unknown[] = [];
  let left = calls;
  const startedMs = performance.now();
  const caller = async () => {
    while (left > 0 && performance.now() - startedMs < withinMs) {
      left -= 1;
      const calledMs = performance.now();
      try {
        await call();
        tookMs.push(performance.now() - calledMs);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { tookMs, failures, elapsedMs: performance.now() - startedMs };
}

/** What all slices of a round say together. @throws when no call was answered, with a reason */
export function toLatency(callers: number, slices: readonly Timed[]): Latency {
  const tookMs = slices.flatMap((slice) => slice.tookMs);
  const failures = slices.flatMap((slice) => slice.failures);
  if (tookMs.length === 0)
    throw new Error('timing calls: none was answered', { cause: failures[0] });
  const elapsedMs = slices.reduce((sum, slice) => sum + slice.elapsedMs, 0);
  return {
    callers,
    calls: tookMs.length + failures.length,
    failed: failures.length,
    medianMs: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
    perSecond: tookMs.length / (elapsedMs / 1000),
  };
}

/** The least value that as many percent of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
