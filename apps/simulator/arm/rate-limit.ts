import { TokenBuckets } from '../token-buckets.ts';

/** What one request leaves in its buckets. */
interface Allowance {
  /** Rate-limit headers of the answer. */
  readonly headers: Record<string, string>;
  /** Seconds to wait when a bucket was empty. */
  readonly retryAfterSeconds: number | undefined;
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

/** The limits of Resource Manager. */
export class RateLimiter {
  readonly #buckets: TokenBuckets;

  constructor(wall: () => number = Date.now) {
    this.#buckets = new TokenBuckets(wall);
  }

  take(asked: Asked): Allowance {
    const kind = kindOf(asked.method);
    const scope = asked.subscriptionId === undefined ? 'tenant' : 'subscription';
    const { size, refill } = limits[kind];
    const place = `${asked.subscriptionId ?? ''}/${kind}`.toLowerCase();
    const own = this.#buckets.fill(`${place}/${asked.objectId}`, { size, refill, now: asked.now });
    const global = this.#buckets.fill(place, {
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
}

function kindOf(method: string): keyof typeof limits {
  if (method === 'DELETE') return 'deletes';
  return method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
}
