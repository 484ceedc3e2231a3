import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { tellNews } from '../output/operation-news.ts';
import type { Session } from '../shell.ts';
import { statesOf } from './states.ts';

/** How an operation is watched. */
export interface WatchOptions {
  /** Go on also while only a person can help. */
  readonly stay?: boolean | undefined;
}

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
