import { isLastEvent } from '#libs/contracts/http/event-views.ts';
import type { DomainEvent } from '#libs/domain/events.ts';

/** Gives an operation's events in batches until there will be none any more, or the signal ends it. */
export type EventSource = (
  id: string,
  signal: AbortSignal,
) => AsyncIterable<readonly DomainEvent[]>;

/** One operation's events, read once for however many listen. */
export class EventFeed {
  readonly #events: DomainEvent[] = [];
  readonly #reading = new AbortController();
  #changed = Promise.withResolvers<void>();
  #end: { readonly error?: unknown } | undefined;

  constructor(id: string, source: EventSource) {
    void this.#read(source(id, this.#reading.signal));
  }

  /**
   * The operation's first event; undefined when there is no such operation.
   * @throws what kept the events from being read.
   */
  async first(): Promise<DomainEvent | undefined> {
    for await (const event of this.after(0, this.#reading.signal)) return event;
    return undefined;
  }

  /** Whether the events could not be read to their end. */
  get hasFailed(): boolean {
    return this.#end !== undefined && 'error' in this.#end;
  }

  /** Whether anything comes after an event, or may still come: a workflow closes a moment after its last event. */
  hasAfter(seq: number): boolean {
    const last = this.#events.at(-1);
    if ((last?.seq ?? 0) > seq) return true;
    return this.#end === undefined && (last === undefined || !isLastEvent(last));
  }

  /**
   * The events after the one with that number, those to come included, until the last one or the signal.
   * @throws what kept the events from being read.
   */
  async *after(seq: number, signal: AbortSignal): AsyncGenerator<DomainEvent, void, undefined> {
    const stopped = untilAborted(signal);
    for (let index = 0; !signal.aborted;) {
      const event = this.#events[index];
      if (event !== undefined) {
        index += 1;
        if (event.seq > seq) yield event;
        continue;
      }
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      }
      await Promise.race([this.#changed.promise, stopped]);
    }
  }

  /** Ends the reading, and everybody's listening. */
  stop(): void {
    this.#reading.abort();
  }

  async #read(batches: AsyncIterable<readonly DomainEvent[]>): Promise<void> {
    try {
      for await (const batch of batches) {
        this.#events.push(...batch);
        this.#tell();
      }
      this.#end = {};
    } catch (error) {
      this.#end = { error };
    }
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
