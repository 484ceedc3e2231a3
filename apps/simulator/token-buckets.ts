/** What is left in one bucket. */
export interface Bucket {
  tokens: number;
  simulatedAt: number;
  wallAt: number;
}

/** How large a bucket is and what flows in per second; `now` is simulated time, epoch ms. */
interface Measure {
  readonly size: number;
  readonly refill: number;
  readonly now: number;
}

/**
 * Token buckets in memory: a restart fills them. They refill by simulated or by real time, whichever went further,
 * so that a standing clock does not throttle for ever.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #wall: () => number;

  constructor(wall: () => number = Date.now) {
    this.#wall = wall;
  }

  /** The bucket of that name with everything that has flown in; take from it what is granted. */
  fill(name: string, { size, refill, now }: Measure): Bucket {
    const wall = this.#wall();
    const known = this.#buckets.get(name);
    const elapsed = known ? Math.max(now - known.simulatedAt, wall - known.wallAt, 0) : 0;
    const gained = (elapsed / 1000) * refill;
    const tokens = known ? Math.min(size, known.tokens + gained) : size;
    const filled = { tokens, simulatedAt: now, wallAt: wall };
    this.#buckets.set(name, filled);
    return filled;
  }
}
