import {
  ApplicationFailure,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { CursorError } from '#libs/temporal/executions.ts';
import { callEngine, readEngine } from './call-engine.ts';

/** A client that only passes calls on, and keeps the deadlines they were given. */
function makeClient() {
  const deadlines: number[] = [];
  return {
    deadlines,
    withDeadline: <R>(deadline: number | Date, send: () => Promise<R>) => {
      deadlines.push(Number(deadline));
      return send();
    },
  };
}

const grpcError = (code: number) =>
  new ServiceError('Update-With-Start failed', {
    cause: Object.assign(new Error('grpc'), { code, details: '', metadata: {} }),
  });

const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};

const refusedUpdate = (type: string, details: unknown[] = []) =>
  new WorkflowUpdateFailedError(
    'rejected',
    ApplicationFailure.create({ type, message: 'why not', details, nonRetryable: true }),
  );

describe('a change sent to the engine', () => {
  it('is answered with what the workflow answers', async () => {
    expect(await callEngine(makeClient(), 'cluster/one', () => Promise.resolve('ticket'))).toBe(
      'ticket',
    );
  });

  it('is not known to be done when no worker answers in time', async () => {
    const late = new WorkflowUpdateRPCTimeoutOrCancelledError('deadline');
    await expect(callEngine(makeClient(), 'cluster/one', failing(late))).rejects.toMatchObject({
      code: 'outcome_unknown',
      message: 'no worker answered in time; not known, repeat with the same key',
      details: { retryAfterSeconds: 5 },
    });
  });

  it('is repeated once when the engine is away, within one deadline', async () => {
    const client = makeClient();
    const answers = [failing(grpcError(14)), () => Promise.resolve('ticket')];
    expect(await callEngine(client, 'cluster/one', () => answers.shift()!())).toBe('ticket');
    expect(client.deadlines).toHaveLength(2);
    expect(client.deadlines[0]).toBe(client.deadlines[1]);
  });

  it('tells that the engine is away when the repetition fails too', async () => {
    const client = makeClient();
    const away = { code: 'engine_unavailable', details: { retryAfterSeconds: 5 } };
    await expect(callEngine(client, 'cluster/one', failing(grpcError(14)))).rejects.toMatchObject(
      away,
    );
    expect(client.deadlines).toHaveLength(2);
  });

  it('is refused in the words of the workflow', async () => {
    const refusal = { code: 'cluster_busy', reason: '50 operations are open', field: 'cluster' };
    const error = refusedUpdate('cluster_busy', [refusal]);
    await expect(callEngine(makeClient(), 'cluster/one', failing(error))).rejects.toMatchObject({
      code: 'cluster_busy',
      message: '50 operations are open',
      field: 'cluster',
    });
  });

  it('is refused by code alone when the workflow gives no details', async () => {
    const error = refusedUpdate('plan_changed');
    const refused = { code: 'plan_changed', message: 'why not' };
    await expect(callEngine(makeClient(), 'cluster/one', failing(error))).rejects.toMatchObject(
      refused,
    );
  });

  it('passes on a failure that is no refusal', async () => {
    const error = refusedUpdate('TypeError');
    await expect(callEngine(makeClient(), 'cluster/one', failing(error))).rejects.toBe(error);
  });
});

describe('a read from the engine', () => {
  it('that takes too long says that the engine is away', async () => {
    const away = { code: 'engine_unavailable' };
    await expect(readEngine(makeClient(), failing(grpcError(4)))).rejects.toMatchObject(away);
  });

  it('with a cursor of somebody else is a malformed request', async () => {
    const error = new CursorError(grpcError(3));
    const refused = { code: 'invalid_request', field: 'cursor', details: { malformed: true } };
    await expect(readEngine(makeClient(), failing(error))).rejects.toMatchObject(refused);
  });
});
