import type { Command } from 'commander';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ExitCode } from '../exit-codes.ts';
import { drawApproval, drawAttention, drawOutcome } from '../output/operation-text.ts';
import { drawFields } from '../output/table.ts';
import type { Colours } from '../output/terminal.ts';
import type { Session } from '../shell.ts';
import type { WatchOptions } from './watching.ts';
import { codeOf, watch } from './watching.ts';

/** Options of every command that starts an operation. */
export interface StartOptions extends WatchOptions {
  readonly watch?: boolean;
  readonly idempotencyKey?: string;
  readonly again?: boolean;
}

/** Adds `--watch` and `--stay`. */
export const withWatchOptions = (command: Command): Command =>
  command
    .option('--watch', 'tell what happens until it ends')
    .option('--stay', 'with --watch: go on also while only a person can help');

/** Adds `--idempotency-key` and `--again`. */
export const withKeyOptions = (command: Command): Command =>
  command
    .option('--idempotency-key <key>', 'made of the request if absent')
    .option('--again', 'do not repeat the request made before, make it anew');

/** Remembers what was started; shows how it stands, or with `watch` what happens until it ends. */
export async function tellStarted(
  session: Session,
  operationId: string,
  options: StartOptions,
): Promise<ExitCode> {
  const { client, memory, settings, terminal } = session;
  memory.rememberOperation(settings.api, operationId);
  if (options.watch === true) return watch(session, operationId, options);
  const operation = await client.readOperation(operationId);
  session.show(operation, () => drawFields({ operation: operationId, state: operation.state }));
  terminal.talk(...adviseOn(operation, options, terminal.colours.talk));
  return codeOf(operation);
}

/** How it goes on, where the request may have been made before. */
function adviseOn(
  operation: OperationView,
  { again = false }: StartOptions,
  colours: Colours,
): string[] {
  const { id, approval, attention, outcome } = operation;
  if (outcome !== undefined) {
    const repeated = again ? [] : ['This request was answered before; --again makes it anew.'];
    return [...repeated, ...drawOutcome(outcome, colours)];
  }
  if (approval !== undefined) return drawApproval(id, approval, colours);
  if (attention !== undefined) return drawAttention(id, attention, colours);
  return ['Accepted; it goes on by itself. To see it: keyturn watch'];
}
