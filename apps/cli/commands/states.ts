import { setTimeout } from 'node:timers/promises';
import type { Client } from '#libs/client/client.ts';
import { followOperation } from '#libs/client/follow-operation.ts';
import { ProblemError } from '#libs/client/problem-error.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { hasEnded } from '#libs/contracts/http/operation-views.ts';
import { Unreachable } from '../session/unreachable.ts';

/** A restart of the API is over by then; longer, and whoever watches should know. */
const patienceMs = 120_000;
const retryEveryMs = 2_000;

/**
 * The operation as it is, and then as it is after each of its events, until it has ended. While nothing
 * happens nothing is asked. An API that goes away is waited for; one that was never there is an error.
 */
export async function* statesOf(
  client: Pick<Client, 'readOperation' | 'readEvents'>,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<OperationView, void, undefined> {
  let operation = await client.readOperation(id, signal);
  yield operation;
  const following = { after: operation.seq, signal, patienceMs };
  if (hasEnded(operation)) return;
  for await (const { seq } of followOperation(client, id, following)) {
    // One read may show several events at once.
    if (seq <= operation.seq) continue;
    operation = await readPatiently(client, id, signal);
    yield operation;
    if (hasEnded(operation)) return;
  }
  yield await readPatiently(client, id, signal);
}

async function readPatiently(
  client: Pick<Client, 'readOperation'>,
  id: string,
  signal: AbortSignal,
): Promise<OperationView> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return await client.readOperation(id, signal);
    } catch (error) {
      if (!isOutage(error) || Date.now() > giveUpAt) throw error;
      await setTimeout(retryEveryMs, undefined, { signal });
    }
  }
}

const isOutage = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof ProblemError && error.problem.status === 503);
