import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { engine, events, operationId, resetEngine, startApi } from '../api-under-test.ts';
import type { ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(resetEngine);
afterAll(() => api.app.close());

const stream = `operation/${operationId}`;
const path = `/v1/operations/${operationId}/events`;

interface Asking {
  readonly as?: string;
  readonly after?: string;
  readonly signal?: AbortSignal;
}

function ask(asking: Asking = {}, { baseUrl } = api): Promise<Response> {
  const { as = 'eve.reader', after, signal } = asking;
  return fetch(`${baseUrl}${path}`, {
    headers: {
      authorization: `Bearer ${as}`,
      ...(after !== undefined && { 'last-event-id': after }),
    },
    ...(signal !== undefined && { signal }),
  });
}

const told = (seqs: readonly number[]): string =>
  events
    .filter(({ seq }) => seqs.includes(seq))
    .map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');

describe("an operation's events", () => {
  it('are all sent, from the ledger when the engine has forgotten them', async () => {
    engine.kept.set(stream, events);
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(await response.text()).toBe(`retry: 2000\n\n${told([1, 2])}`);
  });

  it('go on after the one that was seen last', async () => {
    engine.kept.set(stream, events);
    expect(await (await ask({ after: '1' })).text()).toBe(`retry: 2000\n\n${told([2])}`);
  });

  it('are told to be over, so that a browser does not come back', async () => {
    engine.kept.set(stream, events);
    expect((await ask({ after: '2' })).status).toBe(204);
  });

  it.each([
    ['an id that was never sent', { after: 'x' }, 'invalid_request'],
    ['a reader of another subscription', { as: 'eve.reader+s2' }, 'forbidden'],
  ])('are refused to %s', async (_, asking, code) => {
    engine.kept.set(stream, events);
    expect(await (await ask(asking)).json()).toMatchObject({ code });
  });

  it('of an operation that is not known are told so', async () => {
    const response = await ask();
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'operation_unknown' });
  });

  it('are asked for again when the engine is away', async () => {
    engine.isAway = true;
    const response = await ask();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ code: 'engine_unavailable' });
  });

  it('end where the operation ends, though its workflow is still open', async () => {
    engine.running.set(stream, events);
    expect(await (await ask()).text()).toBe(`retry: 2000\n\n${told([1, 2])}`);
    await vi.waitFor(() => expect(engine.waiting).toBe(0));
  });

  it('cost one waiting call for all who listen, and none when they have gone', async () => {
    engine.running.set(stream, events.slice(0, 1));
    const gone = new AbortController();
    const { signal } = gone;
    const responses = await Promise.all([ask({ signal }), ask({ signal }), ask({ signal })]);
    await vi.waitFor(() => expect(engine.waiting).toBe(1));
    gone.abort();
    await vi.waitFor(() => expect(engine.waiting).toBe(0));
    for (const response of responses) await expect(response.text()).rejects.toThrow('aborted');
  });

  it('are ended when the process ends', async () => {
    engine.running.set(stream, events.slice(0, 1));
    const closing = await startApi();
    const response = await ask({}, closing);
    await vi.waitFor(() => expect(engine.waiting).toBe(1));
    await closing.app.close();
    expect(await response.text()).toBe(`retry: 2000\n\n${told([1])}`);
    expect(engine.waiting).toBe(0);
  });
});
