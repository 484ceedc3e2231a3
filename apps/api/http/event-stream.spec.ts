import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import { sendEvents } from './event-stream.ts';
import type { StreamedResponse } from './exchange.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const event: EventView = {
  v: 1,
  stream: 's',
  seq: 7,
  type: 'StepStarted',
  at: '2026-01-01T00:00:00.000Z',
  data: {},
};

function responseUnderTest() {
  const written: string[] = [];
  const response: StreamedResponse = {
    writeHead: () => response,
    write: (text) => {
      written.push(text);
      return true;
    },
    end: () => void written.push('(end)'),
    once: () => {},
  };
  return { response, written };
}

describe('a stream of events', () => {
  it('shows that it lives while nothing happens, and no longer', async () => {
    const { response, written } = responseUnderTest();
    const end = Promise.withResolvers<void>();
    async function* silence(): AsyncGenerator<EventView> {
      await end.promise;
      yield event;
    }
    const sent = sendEvents(response, silence());
    await vi.advanceTimersByTimeAsync(30_000);
    end.resolve();
    await sent;
    const said = `id: 7\ndata: ${JSON.stringify(event)}\n\n`;
    const beat = ': still here\n\n';
    expect(written).toEqual(['retry: 2000\n\n', beat, beat, said, '(end)']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is ended when its events cannot be read on', async () => {
    const { response, written } = responseUnderTest();
    async function* failing(): AsyncGenerator<EventView> {
      yield event;
      throw new Error('away');
    }
    await expect(sendEvents(response, failing())).rejects.toThrow('away');
    expect(written.at(-1)).toBe('(end)');
  });
});
