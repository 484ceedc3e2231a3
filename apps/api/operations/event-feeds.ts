import { EventFeed } from './event-feed.ts';
import type { EventSource } from './event-feed.ts';

/** The feeds that somebody listens to: one for each operation, gone when the last listener has left. */
export class EventFeeds {
  readonly #source: EventSource;
  readonly #feeds = new Map<string, { readonly feed: EventFeed; listeners: number }>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** Listens to an operation; `leave` must be called once. */
  join(id: string): { readonly feed: EventFeed; readonly leave: () => void } {
    const known = this.#feeds.get(id);
    // Who comes after a failure tries again.
    const entry =
      known === undefined || known.feed.hasFailed
        ? { feed: new EventFeed(id, this.#source), listeners: 0 }
        : known;
    this.#feeds.set(id, entry);
    entry.listeners += 1;
    const leave = () => {
      entry.listeners -= 1;
      if (entry.listeners > 0) return;
      entry.feed.stop();
      if (this.#feeds.get(id) === entry) this.#feeds.delete(id);
    };
    return { feed: entry.feed, leave };
  }

  /** Operations that are being read. */
  get size(): number {
    return this.#feeds.size;
  }
}
