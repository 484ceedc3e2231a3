/** What one request leaves in its buckets. */
interface Allowance {
  /** Rate-limit headers of the answer. */
  readonly headers: Record<string, string>;
  /** Seconds to wait when a bucket was empty. */
  readonly retryAfterSeconds: number | undefined;
}

interface Bucket {
  tokens: number;
  simulatedAt: number;
  wallAt: number;
}

interface Asked {
  readonly method: string;
  readonly subscriptionId: string | undefined;
  readonly objectId: string;
  /** Simulated time, epoch ms. */
  readonly now: number;
}

/** Bucket sizes and refills per second of Resource Manager, per principal and subscription (ARM limits page). */
const limits = {
  reads: { size: 250, refill: 25 },
  writes: { size: 200, refill: 10 },
  deletes: { size: 200, refill: 10 },
};
/** All principals of a subscription together have fifteen times one principal's share. */
const GLOBAL = 15;

/**
 * Token buckets in memory: a restart fills them. They refill by simulated or by real time, whichever went further,
 * so that a standing clock does not throttle for ever.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #wall: () => number;

  constructor(wall: () => number = Date.now) {
    this.#wall = wall;
  }

  take(asked: Asked): Allowance {
    const kind = kindOf(asked.method);
    const scope = asked.subscriptionId === undefined ? 'tenant' : 'subscription';
    const { size, refill } = limits[kind];
    const place = `${asked.subscriptionId ?? ''}/${kind}`.toLowerCase();
    const own = this.#fill(`${place}/${asked.objectId}`, { size, refill, now: asked.now });
    const global = this.#fill(place, {
      size: size * GLOBAL,
      refill: refill * GLOBAL,
      now: asked.now,
    });
    const short = own.tokens < 1 || global.tokens < 1;
    if (!short) {
      own.tokens -= 1;
      global.tokens -= 1;
    }
    return {
      headers: {
        [`x-ms-ratelimit-remaining-${scope}-${kind}`]: String(Math.floor(own.tokens)),
        [`x-ms-ratelimit-remaining-${scope}-global-${kind}`]: String(Math.floor(global.tokens)),
      },
      retryAfterSeconds: short ? Math.max(1, Math.ceil((1 - own.tokens) / refill)) : undefined,
    };
  }

  #fill(key: string, bucket: { size: number; refill: number; now: number }): Bucket {
    const wall = this.#wall();
    const known = this.#buckets.get(key);
    const elapsed = known ? Math.max(bucket.now - known.simulatedAt, wall - known.wallAt, 0) : 0;
    const gained = (elapsed / 1000) * bucket.refill;
    const tokens = known ? Math.min(bucket.size, known.tokens + gained) : bucket.size;
    const filled = { tokens, simulatedAt: bucket.now, wallAt: wall };
    this.#buckets.set(key, filled);
    return filled;
  }
}

function kindOf(method: string): keyof typeof limits {
  if (method === 'DELETE') return 'deletes';
  return method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
}
