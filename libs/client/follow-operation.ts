import { setTimeout } from 'node:timers/promises';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import { isLastEvent } from '#libs/contracts/http/event-views.ts';
import type { Client, Resuming } from './client.ts';
import { isOutage, pauseAfter } from './outage.ts';

/** How an operation is followed. */
export interface Following extends Resuming {
  /** How long an API that cannot be reached is waited for; a minute unless told. */
  readonly patienceMs?: number;
  /** Pause before a stream is opened again; a second unless told. */
  readonly pauseMs?: number;
}

/**
 * Yields every event of an operation, each once and in order, as it happens, until the operation has ended:
 * a stream that breaks is resumed after the last event seen. Unlike `watchOperation` it costs nothing while
 * nothing happens. An API that is away is asked again until the patience is over; every other problem, and
 * the end of the signal, is thrown.
 */
export async function* followOperation(
  client: Pick<Client, 'readEvents'>,
  id: string,
  { after = 0, signal, patienceMs = 60_000, pauseMs = 1000 }: Following = {},
): AsyncGenerator<EventView, void, undefined> {
  const abort = signal === undefined ? {} : { signal };
  let seen = after;
  let heardAt = Date.now();
  for (let isOver = false; !isOver;) {
    let waitMs = pauseMs;
    try {
      const events = await client.readEvents(id, { after: seen, ...abort });
      isOver = events === undefined;
      heardAt = Date.now();
      for await (const event of newer(events ?? [], seen)) {
        heardAt = Date.now();
        seen = event.seq;
        isOver = isLastEvent(event);
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isOutage(error) || Date.now() - heardAt >= patienceMs) throw error;
      waitMs = pauseAfter(error, pauseMs);
    }
    if (!isOver) await setTimeout(waitMs, undefined, abort);
  }
}

async function* newer(events: AsyncIterable<EventView> | Iterable<EventView>, seen: number) {
  for await (const event of events) {
    if (event.seq > seen) yield event;
    if (isLastEvent(event)) return;
  }
}
