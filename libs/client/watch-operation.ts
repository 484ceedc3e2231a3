import { setTimeout } from 'node:timers/promises';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { hasEnded } from '#libs/contracts/http/operation-views.ts';
import type { Client } from './client.ts';
import { isOutage, pauseAfter } from './outage.ts';
import { ProblemError } from './problem-error.ts';

/** How an operation is watched. */
export interface Watching {
  /** Pause between reads; a second is quick enough for a person. */
  readonly intervalMs?: number;
  /** How long an API that cannot be reached is waited for; a minute unless told. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Yields the operation as it is and then whenever it has changed, until it has ended. An API that is away is
 * asked again: one that says so (503) for as long as it does, after the time it names; one that cannot be
 * reached until the patience is over. Every other problem, and the end of the signal, is thrown.
 */
export async function* watchOperation(
  client: Pick<Client, 'readOperation'>,
  id: string,
  { intervalMs = 1000, patienceMs = 60_000, signal }: Watching = {},
): AsyncGenerator<OperationView, void, undefined> {
  const abort = signal === undefined ? {} : { signal };
  let seen = -1;
  let heardAt = Date.now();
  for (;;) {
    let pauseMs = intervalMs;
    try {
      const operation = await client.readOperation(id, signal);
      heardAt = Date.now();
      if (operation.seq !== seen) {
        seen = operation.seq;
        yield operation;
      }
      if (hasEnded(operation)) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ProblemError) heardAt = Date.now();
      if (!isOutage(error) || Date.now() - heardAt >= patienceMs) throw error;
      pauseMs = pauseAfter(error, intervalMs);
    }
    await setTimeout(pauseMs, undefined, abort);
  }
}
