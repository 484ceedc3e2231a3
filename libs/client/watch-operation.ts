import { setTimeout } from 'node:timers/promises';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { hasEnded } from '#libs/contracts/http/operation-views.ts';
import type { Client } from './client.ts';
import { ProblemError } from './problem-error.ts';

/** How an operation is watched. */
export interface Watching {
  /** Pause between reads; a second is quick enough for a person. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Yields the operation as it is and then whenever it has changed, until it has ended. An API that is
 * away for a while (503) is asked again after the time it names; every other problem is thrown.
 */
export async function* watchOperation(
  client: Pick<Client, 'readOperation'>,
  id: string,
  { intervalMs = 1000, signal }: Watching = {},
): AsyncGenerator<OperationView, void, undefined> {
  let seen = -1;
  for (;;) {
    const read = await readOrWait(client, id, signal);
    if ('operation' in read && read.operation.seq !== seen) {
      seen = read.operation.seq;
      yield read.operation;
    }
    if ('operation' in read && hasEnded(read.operation)) return;
    const pauseMs = 'retryAfterMs' in read ? read.retryAfterMs : intervalMs;
    await setTimeout(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

type Read = { readonly operation: OperationView } | { readonly retryAfterMs: number };

async function readOrWait(
  client: Pick<Client, 'readOperation'>,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Read> {
  try {
    return { operation: await client.readOperation(id, signal) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.status !== 503) throw error;
    return { retryAfterMs: (error.retryAfterSeconds ?? 1) * 1000 };
  }
}
