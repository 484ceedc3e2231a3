import type { Store } from './store.ts';

/** `real`: wall time; `manual`: moves on command; `follow`: the largest instant a request has named. */
export type ClockMode = 'real' | 'manual' | 'follow';

interface ClockState {
  /** Epoch ms of a standing clock. */
  readonly time: number;
  /** What was added to wall time by commands, ms. */
  readonly offset: number;
}

const COLLECTION = '$clock';
/** A thousand years short of the last date that JavaScript knows, so that what is planned then has a date too. */
const LAST_INSTANT = 8.64e15 - 1000 * 366 * 86_400_000;

/** Simulated time: epoch milliseconds that never run backwards, kept over restarts. */
export class Clock {
  readonly mode: ClockMode;
  readonly #store: Store;
  readonly #wall: () => number;

  /** `wall` is the real clock; specs pass their own. */
  constructor(options: { mode: ClockMode; store: Store; wall?: () => number }) {
    this.mode = options.mode;
    this.#store = options.store;
    this.#wall = options.wall ?? Date.now;
  }

  /** Writes the starting instant of a fresh world; a standing clock then stays there. */
  async start(): Promise<void> {
    const { time, offset } = this.#state();
    const now = Math.max(time, this.#wall() + offset);
    if (this.mode === 'real') await this.#write({ time, offset: now - this.#wall() });
    else if (time === 0) await this.#write({ time: now, offset });
  }

  now(): number {
    const { time, offset } = this.#state();
    return this.mode === 'real' ? Math.max(time, this.#wall() + offset) : time;
  }

  /** Takes note of a request's `x-simulated-time` (epoch ms, decimal); only a follow clock listens. */
  async observe(header: string | undefined): Promise<void> {
    if (this.mode !== 'follow' || header === undefined) return;
    const named = Number(header);
    const { time, offset } = this.#state();
    if (named > time && named <= LAST_INSTANT) {
      await this.#write({ time: Math.round(named), offset });
    }
  }

  /** Moves simulated time forward; in every mode. */
  async advance(seconds: number): Promise<void> {
    const { time, offset } = this.#state();
    const step = Math.round(seconds * 1000);
    if (!(this.now() + step <= LAST_INSTANT)) {
      throw new RangeError(`advancing the clock: ${seconds} seconds lead beyond all dates`);
    }
    if (this.mode === 'real') await this.#write({ time, offset: offset + step });
    else await this.#write({ time: time + step, offset });
  }

  #state(): ClockState {
    return this.#store.find<ClockState>(COLLECTION, 'clock') ?? { time: 0, offset: 0 };
  }

  async #write(state: ClockState): Promise<void> {
    await this.#store.transact(state.time, (tx) => tx.put(COLLECTION, 'clock', state));
  }
}
