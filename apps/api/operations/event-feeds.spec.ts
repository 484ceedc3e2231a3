import { describe, expect, it, vi } from 'vitest';
import type { DomainEvent } from '#libs/domain/events.ts';
import { EventFeeds } from './event-feeds.ts';

const event = (seq: number): DomainEvent => ({
  v: 1,
  stream: 'operation/o1',
  seq,
  type: 'StepStarted',
  at: '2026-01-01T00:00:00.000Z',
  data: { step: `step ${seq}` },
});

const ended = (seq: number): DomainEvent => ({
  ...event(seq),
  type: 'OperationEnded',
  data: { outcome: { result: 'succeeded', summary: '', findings: [], evidence: [] } },
});

/** Feeds whose source tells what the test says. */
function feedsUnderTest() {
  const opened: { readonly id: string; readonly signal: AbortSignal }[] = [];
  const batches: DomainEvent[][] = [];
  let told = Promise.withResolvers<void>();
  let failure: Error | undefined;
  let isOver = false;
  const tell = (...events: DomainEvent[]) => {
    batches.push(events);
    told.resolve();
  };
  async function* source(id: string, signal: AbortSignal) {
    opened.push({ id, signal });
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    for (let index = 0; !signal.aborted;) {
      const batch = batches[index];
      if (batch !== undefined) {
        index += 1;
        yield batch;
        continue;
      }
      if (failure !== undefined) throw failure;
      if (isOver) return;
      await Promise.race([told.promise, aborted]);
      told = Promise.withResolvers();
    }
  }
  return {
    feeds: new EventFeeds(source),
    opened,
    tell,
    end: () => {
      isOver = true;
      told.resolve();
    },
    fail: (error: Error | undefined) => {
      failure = error;
      told.resolve();
    },
  };
}

async function seqsOf(events: AsyncIterable<DomainEvent>): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of events) seqs.push(seq);
  return seqs;
}

const open = (): AbortSignal => new AbortController().signal;

describe('a feed of events', () => {
  it('is read once for all who listen, each from their own place', async () => {
    const { feeds, opened, tell, end } = feedsUnderTest();
    const { feed } = feeds.join('o1');
    tell(event(1), event(2));
    const early = seqsOf(feed.after(0, open()));
    await feed.first();
    const late = seqsOf(feeds.join('o1').feed.after(2, open()));
    tell(event(3));
    end();
    expect(await early).toEqual([1, 2, 3]);
    expect(await late).toEqual([3]);
    expect(opened.map(({ id }) => id)).toEqual(['o1']);
  });

  it('stops being read when the last listener leaves', async () => {
    const { feeds, opened, tell } = feedsUnderTest();
    tell(event(1));
    const [first, second] = [feeds.join('o1'), feeds.join('o1')];
    await first.feed.first();
    first.leave();
    expect(opened[0]?.signal.aborted).toBe(false);
    second.leave();
    expect(opened[0]?.signal.aborted).toBe(true);
    expect(feeds.size).toBe(0);
  });

  it('lets one listener go while the others stay', async () => {
    const { feeds, tell, end } = feedsUnderTest();
    tell(event(1));
    const { feed } = feeds.join('o1');
    const gone = new AbortController();
    const leaving = seqsOf(feed.after(0, gone.signal));
    const staying = seqsOf(feed.after(0, open()));
    await feed.first();
    gone.abort();
    expect(await leaving).toEqual([1]);
    tell(event(2));
    end();
    expect(await staying).toEqual([1, 2]);
  });

  it('knows whether anything can still come', async () => {
    const { feeds, tell, end } = feedsUnderTest();
    const { feed } = feeds.join('o1');
    tell(event(1), event(2));
    await feed.first();
    expect(feed.hasAfter(2)).toBe(true);
    end();
    await seqsOf(feed.after(0, open()));
    expect([feed.hasAfter(1), feed.hasAfter(2)]).toEqual([true, false]);
  });

  it('knows that nothing follows the last event, before its workflow has closed', async () => {
    const { feeds, tell } = feedsUnderTest();
    const { feed } = feeds.join('o1');
    tell(event(1), ended(2));
    await feed.first();
    expect([feed.hasAfter(1), feed.hasAfter(2)]).toEqual([true, false]);
  });

  it('has no first event when there is no such operation', async () => {
    const { feeds, end } = feedsUnderTest();
    end();
    expect(await feeds.join('o1').feed.first()).toBeUndefined();
  });

  it('tells a failure to those who listen, and is read anew for who comes after', async () => {
    const { feeds, opened, tell, fail } = feedsUnderTest();
    const { feed } = feeds.join('o1');
    fail(new Error('away'));
    await expect(feed.first()).rejects.toThrow('away');
    fail(undefined);
    tell(event(1));
    expect(await feeds.join('o1').feed.first()).toEqual(event(1));
    await vi.waitFor(() => expect(opened).toHaveLength(2));
  });
});
