import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import { createClient } from './client.ts';
import { followOperation } from './follow-operation.ts';

const event = (seq: number, type = 'StepStarted'): EventView => ({
  v: 1,
  stream: 'operation/o1',
  seq,
  type,
  at: '2026-01-01T00:00:00.000Z',
  data: { step: `step ${seq}` },
});

const sent = (...events: readonly EventView[]): string =>
  events.map((each) => `id: ${each.seq}\ndata: ${JSON.stringify(each)}\n\n`).join('');

const cut = Symbol('cut');
const silence = Symbol('silence');
type Chunk = string | typeof cut | typeof silence;

/** A stream of server-sent events that arrives in these pieces. */
function streamOf(...chunks: readonly Chunk[]): Response {
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === cut) controller.error(new TypeError('terminated'));
      else if (chunk === undefined) controller.close();
      else if (chunk !== silence) controller.enqueue(new TextEncoder().encode(chunk));
      else return new Promise(() => {});
      return undefined;
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const problem = (status: number, code: string) =>
  Response.json(
    { type: 't', title: 'No', status, code, detail: 'why', remedy: 'wait', requestId: 'r' },
    { status, headers: { 'retry-after': '0' } },
  );

/** A client of an API that gives the answers in turn, and what it was asked with. */
function clientOf(...answers: readonly (Response | Error)[]) {
  const resumedAfter: (string | null)[] = [];
  const left = [...answers];
  const send: typeof fetch = async (input, init) => {
    resumedAfter.push(new Request(input, init).headers.get('last-event-id'));
    const answer = left.shift();
    if (answer === undefined) throw new Error('asking once more than expected');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const token = () => Promise.resolve('secret');
  const client = createClient({ baseUrl: 'http://api', token, fetch: send });
  return { resumedAfter, client };
}

async function seqsOf(client: ReturnType<typeof clientOf>['client'], after = 0) {
  const seen: number[] = [];
  for await (const { seq } of followOperation(client, 'o1', { after, pauseMs: 0 })) seen.push(seq);
  return seen;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('following an operation', () => {
  it('yields its events until the last one, however they are cut into pieces', async () => {
    const text = `retry: 2000\n\n: still here\n\n${sent(event(1), event(2, 'OperationEnded'))}`;
    const { client } = clientOf(streamOf(...Array.from(text)));
    expect(await seqsOf(client)).toEqual([1, 2]);
  });

  it('resumes a stream that broke, and one that ended early, after the last event', async () => {
    const { client, resumedAfter } = clientOf(
      streamOf(sent(event(1), event(2)), 'id: 3\nda', cut),
      new TypeError('fetch failed'),
      streamOf(sent(event(2), event(3))),
      problem(503, 'engine_unavailable'),
      streamOf(sent(event(4, 'OperationEnded'))),
    );
    expect(await seqsOf(client)).toEqual([1, 2, 3, 4]);
    expect(resumedAfter).toEqual([null, '2', '2', '3', '3']);
  });

  it('begins after the event that is named', async () => {
    const { client, resumedAfter } = clientOf(streamOf(sent(event(8, 'OperationEnded'))));
    expect(await seqsOf(client, 7)).toEqual([8]);
    expect(resumedAfter).toEqual(['7']);
  });

  it('ends when nothing comes any more', async () => {
    const { client } = clientOf(new Response(null, { status: 204 }));
    expect(await seqsOf(client, 9)).toEqual([]);
  });

  it('throws every other problem', async () => {
    const { client } = clientOf(problem(403, 'forbidden'));
    await expect(seqsOf(client)).rejects.toMatchObject({ problem: { code: 'forbidden' } });
  });

  it('throws the failure when its patience is over', async () => {
    const { client } = clientOf(new TypeError('fetch failed'));
    const following = followOperation(client, 'o1', { patienceMs: 0 });
    await expect(following.next()).rejects.toThrow('fetch failed');
  });

  it('does not take an event that is not of the contract', async () => {
    const { client } = clientOf(streamOf('data: {"seq":1}\n\n'));
    await expect(seqsOf(client)).rejects.toThrow('one is not of the contract');
  });

  it('resumes a stream on which nothing is heard any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, resumedAfter } = clientOf(
      streamOf(sent(event(1)), silence),
      streamOf(sent(event(2, 'OperationEnded'))),
    );
    const seen = seqsOf(client);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(45_000);
    expect(await seen).toEqual([1, 2]);
    expect(resumedAfter).toEqual([null, '1']);
  });
});
