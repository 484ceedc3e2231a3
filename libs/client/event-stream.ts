import type { EventView } from '#libs/contracts/http/event-views.ts';
import { eventView } from '#libs/contracts/http/event-views.ts';

/** The API says something every 15 s; a stream that is silent for three times as long is dead. */
const silentMs = 45_000;

/** The stream broke, or nothing was heard on it for too long: it is to be resumed. */
export class StreamCut extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`following the events: ${reason}`, { cause });
    this.name = 'StreamCut';
  }
}

/**
 * The events of a response, as they arrive, until it ends. Stopping to read closes the connection.
 * @throws StreamCut; an Error for an event that is not of the contract.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<EventView, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const data of messages.flatMap(dataOf)) yield toEvent(data);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function nextChunk(reader: Reader) {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => silence.reject(new StreamCut('nothing is heard any more')),
    silentMs,
  );
  try {
    return await Promise.race([reader.read(), silence.promise]);
  } catch (error) {
    throw error instanceof StreamCut ? error : new StreamCut('the stream was cut', error);
  } finally {
    clearTimeout(timer);
  }
}

/** The data of one message, its lines joined; none for comments and instructions. */
function dataOf(message: string): string[] {
  const lines = message
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.replace(/^data: ?/u, ''));
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function toEvent(data: string): EventView {
  const read = eventView.safeParse(JSON.parse(data));
  if (read.success) return read.data;
  throw new Error('following the events: one is not of the contract', { cause: read.error });
}
