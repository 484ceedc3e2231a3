/** How long calls took, in milliseconds. */
export interface Latency {
  readonly callers: number;
  readonly calls: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Calls answered in a second, by all callers together. */
  readonly perSecond: number;
}

/** Callers at a time, and how many calls they make together. */
export interface Round {
  readonly callers: number;
  readonly calls: number;
}

/** What was seen of some calls. */
export interface Timed {
  readonly tookMs: readonly number[];
  readonly elapsedMs: number;
}

/** Has callers call one after the other, each as soon as its call before is answered. */
export async function timeCalls(
  { callers, calls }: Round,
  call: () => Promise<unknown>,
): Promise<Timed> {
  const tookMs: number[] = [];
  let left = calls;
  const startedMs = performance.now();
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const calledMs = performance.now();
      await call();
      tookMs.push(performance.now() - calledMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { tookMs, elapsedMs: performance.now() - startedMs };
}

/** What all slices of a round say together. */
export function toLatency(callers: number, slices: readonly Timed[]): Latency {
  const tookMs = slices.flatMap((slice) => slice.tookMs);
  const elapsedMs = slices.reduce((sum, slice) => sum + slice.elapsedMs, 0);
  return {
    callers,
    calls: tookMs.length,
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
