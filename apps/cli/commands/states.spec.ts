import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '#libs/client/problem-error.ts';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { ended, operation } from '../cli-under-test.ts';
import { Unreachable } from '../session/unreachable.ts';
import { statesOf } from './states.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function* eventsOf(...seqs: readonly number[]): AsyncGenerator<EventView> {
  for (const seq of seqs) yield { v: 1, stream: 'o', seq, type: 'StepStarted', at: '', data: {} };
}

/** A client that reads these in turn, and one stream of events. */
function clientOf(reads: readonly (OperationView | Error)[], ...seqs: readonly number[]) {
  const left = [...reads];
  let isStreamed = false;
  return {
    readOperation: async () => {
      const read = left.shift() ?? new Error('reading once more than expected');
      if (read instanceof Error) throw read;
      return read;
    },
    readEvents: async () => {
      if (isStreamed) return undefined;
      isStreamed = true;
      return eventsOf(...seqs);
    },
  };
}

async function seqsOf(client: ReturnType<typeof clientOf>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { seq } of statesOf(client, 'o1', new AbortController().signal)) seen.push(seq);
  return seen;
}

const away = new Unreachable('the API', 'connect ECONNREFUSED');

describe('the states of an operation', () => {
  it('follow its events', async () => {
    const reads = [operation({ seq: 1 }), operation({ seq: 3 }), ended('succeeded')];
    expect(await seqsOf(clientOf(reads, 2, 3, 9))).toEqual([1, 3, 9]);
  });

  it('sit out an API that goes away', async () => {
    const busy = new ProblemError({
      type: 't',
      title: 'No',
      status: 503,
      code: 'engine_unavailable',
      detail: 'why',
      remedy: 'wait',
      requestId: 'r',
    });
    const reads = [operation({ seq: 1 }), away, busy, ended('succeeded')];
    expect(await seqsOf(clientOf(reads, 9))).toEqual([1, 9]);
  });

  it('do not wait for an API that was never there', async () => {
    await expect(seqsOf(clientOf([away]))).rejects.toBe(away);
  });

  it('end with an API that stays away', async () => {
    const client = clientOf([operation({ seq: 1 })], 9);
    const readOperation = async () => {
      vi.setSystemTime(Date.now() + 60_000);
      return client.readOperation().catch(() => {
        throw away;
      });
    };
    const startedAt = Date.now();
    await expect(seqsOf({ ...client, readOperation })).rejects.toBe(away);
    expect(Date.now() - startedAt).toBeGreaterThan(120_000);
  });

  it('are read once more when nothing more is told', async () => {
    const reads = [operation({ seq: 1 }), ended('cancelled')];
    expect(await seqsOf(clientOf(reads))).toEqual([1, 9]);
  });
});
