import { setTimeout } from 'node:timers/promises';
import type { Client } from '#libs/client/client.ts';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { tellNews } from '../output/operation-news.ts';
import { isAway } from '../session/reach.ts';
import type { Session } from '../shell.ts';

/** How an operation is watched. */
export interface WatchOptions {
  /** Go on also while only a person can help. */
  readonly stay?: boolean | undefined;
}

/** A restart of the API is over by then; longer, and whoever watches should know. */
const awayForMs = 120_000;
const retryEveryMs = 2_000;

/**
 * Prints what happens to an operation until it ends, or until only a person can help. Returns the exit
 * code that says how. Programs get one JSON line for each state.
 */
export async function watch(
  { client, terminal, isJson }: Session,
  id: string,
  { stay = false }: WatchOptions,
): Promise<ExitCode> {
  const signal = terminal.interruption();
  let last: OperationView | undefined;
  try {
    for await (const operation of statesOf(client, id, signal)) {
      // After a while without the API the state may be the one that is known.
      if (operation.seq === last?.seq) continue;
      if (isJson) terminal.print(JSON.stringify(operation));
      else terminal.print(...tellNews(last, operation, terminal.colours.print));
      last = operation;
      if (!stay && needsPerson(operation)) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.talk(`Stopped watching; the operation goes on: keyturn watch ${id}`);
    return exitCodes.interrupted;
  }
  return last === undefined ? exitCodes.unexpected : codeOf(last);
}

/** How an operation stands, as an exit code: its ending, or that it waits for a person. */
export function codeOf({ state }: OperationView): ExitCode {
  if (state === 'refused' || state === 'rejected') return exitCodes.refused;
  if (state === 'cancelled') return exitCodes.cancelled;
  if (state === 'awaiting-approval' || state === 'attention') return exitCodes.needsPerson;
  return exitCodes.succeeded;
}

const needsPerson = (operation: OperationView): boolean =>
  codeOf(operation) === exitCodes.needsPerson;

/** The states in turn, also across a while in which the API is away. */
async function* statesOf(
  client: Client,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<OperationView, void, undefined> {
  let isKnown = false;
  let awaySince: number | undefined;
  for (;;) {
    try {
      for await (const operation of watchOperation(client, id, { signal })) {
        isKnown = true;
        awaySince = undefined;
        yield operation;
      }
      return;
    } catch (error) {
      awaySince ??= Date.now();
      const isShort = Date.now() - awaySince < awayForMs;
      // Never reached before: the address may be wrong, which waiting does not mend.
      if (!isAway(error) || !isKnown || !isShort) throw error;
      await setTimeout(retryEveryMs, undefined, { signal });
    }
  }
}
