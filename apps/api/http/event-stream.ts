import type { EventView } from '#libs/contracts/http/event-views.ts';
import { eventStreamMediaType, lastEventId } from '#libs/contracts/http/event-views.ts';
import type { ApiRequest, StreamedResponse } from './exchange.ts';
import { Refused } from './refused.ts';

/** A comment at least this often tells both sides, and what lies between, that the stream lives. */
const beatMs = 15_000;

/** When a browser that lost the stream asks again. */
const retryMs = 2_000;

/**
 * Sends events as they come, until there are no more; the response is then complete. The answer's head is
 * sent at once, so what can fail before the first event must have been asked before.
 */
export async function sendEvents(
  response: StreamedResponse,
  events: AsyncIterable<EventView>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': `${eventStreamMediaType}; charset=utf-8`,
    'cache-control': 'no-cache, no-transform',
    // nginx would hold the events back until a buffer is full.
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${retryMs}\n\n`);
  const beat = setInterval(() => response.write(': still here\n\n'), beatMs);
  try {
    for await (const event of events)
      response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
  } finally {
    clearInterval(beat);
    response.end();
  }
}

/** The number of the last event that the caller has seen; 0 for none. Throws `invalid_request`. */
export function readLastEventId({ headers }: Pick<ApiRequest, 'headers'>): number {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return 0;
  const read = lastEventId.safeParse(header);
  if (read.success) return read.data;
  const reason = `Last-Event-ID ${read.error.issues[0]?.message ?? 'is not read'}`;
  throw new Refused(
    { code: 'invalid_request', reason, field: 'Last-Event-ID' },
    { malformed: true },
  );
}

/** Settles into a signal that is aborted when the caller has gone. */
export function untilGone(response: StreamedResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
