import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter, defaultFailureConverter } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import { followMemo } from './follow-memo.ts';
import type { HistoryClient } from './follow-memo.ts';

interface Asked {
  readonly runId: string;
  readonly token: string;
}

interface Page {
  readonly events?: readonly object[];
  readonly token?: string;
}

const memo = (value: unknown) => ({
  fields: { events: defaultPayloadConverter.toPayload(value), card: {} },
});
const started = (value: unknown) => ({
  workflowExecutionStartedEventAttributes: { memo: memo(value) },
});
const changed = (value: unknown) => ({
  workflowPropertiesModifiedEventAttributes: { upsertedMemo: memo(value) },
});
const other = { workflowTaskScheduledEventAttributes: {} };
const completed = { workflowExecutionCompletedEventAttributes: {} };
const continued = (newExecutionRunId: string) => ({
  workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId },
});

const grpcError = (code: number) =>
  Object.assign(new Error(`gRPC ${code}`), { code, details: '', metadata: {} });

/** The SDK's client in front of a server that answers in turn; after that it lets everybody wait. */
function clientOf(...answers: readonly (Page | Error)[]) {
  const asked: Asked[] = [];
  const left = [...answers];
  let signal: AbortSignal | undefined;
  const client = {
    options: {
      namespace: 'n',
      loadedDataConverter: {
        payloadConverter: defaultPayloadConverter,
        failureConverter: defaultFailureConverter,
        payloadCodecs: [],
      },
    },
    withDeadline: (_: number, send: () => Promise<unknown>) => send(),
    withAbortSignal: (given: AbortSignal, send: () => Promise<unknown>) => {
      signal = given;
      return send();
    },
    workflowService: {
      getWorkflowExecutionHistory: async (request: {
        execution: { runId: string };
        nextPageToken: Uint8Array | null;
      }) => {
        const token = Buffer.from(request.nextPageToken ?? []).toString();
        asked.push({ runId: request.execution.runId, token });
        const answer = left.shift();
        if (answer instanceof Error) throw answer;
        if (answer === undefined)
          return new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(grpcError(1)));
          });
        return {
          history: { events: answer.events ?? [] },
          nextPageToken: Buffer.from(answer.token ?? ''),
        };
      },
    },
  } as unknown as HistoryClient;
  return { asked, client };
}

async function valuesOf(client: HistoryClient, signal = new AbortController().signal, quietMs = 0) {
  const values: unknown[] = [];
  const followed = { workflowId: 'w', member: 'events', signal, pauseMs: 0, quietMs };
  for await (const batch of followMemo(client, followed)) values.push(...batch);
  return values;
}

describe('following a memo', () => {
  it('finds what was written at the start and since, over idle waits, until the workflow closes', async () => {
    const { asked, client } = clientOf(
      { events: [started([1]), other, changed([2])], token: 'a' },
      { token: 'a' },
      { events: [changed([3, 4])], token: 'b' },
      { events: [other, completed] },
    );
    expect(await valuesOf(client)).toEqual([[1], [2], [3, 4]]);
    expect(asked.map(({ token }) => token)).toEqual(['', 'a', 'a', 'b']);
  });

  it('goes on with the run that a workflow continues as', async () => {
    const { asked, client } = clientOf(
      { events: [started([1]), continued('r2')], token: 'more' },
      {},
      { events: [started([2]), completed] },
    );
    expect(await valuesOf(client)).toEqual([[1], [2]]);
    expect(asked.map(({ runId }) => runId)).toEqual(['', '', 'r2']);
  });

  it('asks again when a poll ends without a token though nothing has ended', async () => {
    const page = { events: [started([1])], token: 'a' };
    const { asked, client } = clientOf(
      page,
      {},
      { events: [changed([2]), completed], token: 'b' },
      {},
    );
    expect(await valuesOf(client)).toEqual([[1], [2]]);
    expect(asked.map(({ token }) => token)).toEqual(['', 'a', 'a', 'b']);
  });

  it.each([1, 4, 14])('sits out a failure %i and goes on where it was', async (code) => {
    const { asked, client } = clientOf({ events: [started([1])], token: 'a' }, grpcError(code), {
      events: [changed([2]), completed],
    });
    expect(await valuesOf(client)).toEqual([[1], [2]]);
    expect(asked.map(({ token }) => token)).toEqual(['', 'a', 'a']);
  });

  it('tells at once when the engine is away from the beginning', async () => {
    await expect(valuesOf(clientOf(grpcError(14)).client)).rejects.toMatchObject({ code: 14 });
  });

  it('tells what asking again would not mend', async () => {
    const { client } = clientOf({ events: [started([1])], token: 'a' }, grpcError(7));
    await expect(valuesOf(client)).rejects.toMatchObject({ code: 7 });
  });

  it('tells that there is no such workflow, or none any more', async () => {
    await expect(valuesOf(clientOf(grpcError(5)).client)).rejects.toThrow(WorkflowNotFoundError);
    const gone = clientOf({ events: [started([1])], token: 'a' }, grpcError(5));
    await expect(valuesOf(gone.client)).rejects.toThrow(WorkflowNotFoundError);
  });

  it('leaves a quiet workflow alone for a while', async () => {
    const stop = new AbortController();
    const { asked, client } = clientOf({ events: [started([1])], token: 'a' }, { token: 'a' });
    const before = Date.now();
    const values = valuesOf(client, stop.signal, 30);
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    expect(Date.now() - before).toBeGreaterThanOrEqual(29);
    stop.abort();
    await values;
  });

  it('gives up the waiting call when it is stopped', async () => {
    const stop = new AbortController();
    const { asked, client } = clientOf({ events: [started([1])], token: 'a' });
    const values = valuesOf(client, stop.signal);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    stop.abort();
    expect(await values).toEqual([[1]]);
  });
});
