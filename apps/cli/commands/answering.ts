import type { Command } from 'commander';
import type { Client } from '#libs/client/client.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { drawFields } from '../output/table.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';

/** A command that answers an operation with a reason: which method, and in which words. */
export interface Answer {
  readonly name: string;
  readonly summary: string;
  readonly method: 'rejectOperation' | 'resumeOperation' | 'cancelOperation';
  /** Whether a reason must be given. */
  readonly needsReason: boolean;
}

/** Adds `keyturn NAME ID [--reason TEXT]`. */
export function addAnswer(program: Command, shell: Shell, answer: Answer): void {
  const command = program
    .command(answer.name)
    .summary(answer.summary)
    .description(`${answer.summary.charAt(0).toUpperCase()}${answer.summary.slice(1)}.`)
    .argument('<id>', 'the operation');
  const words = ['--reason <text>', 'why; kept with the operation'] as const;
  (answer.needsReason ? command.requiredOption(...words) : command.option(...words)).action(
    acting(shell, async (session, id: string, { reason }: { readonly reason?: string }) => {
      const send: Client[Answer['method']] = session.client[answer.method];
      showAnswered(session, await send(id, reason === undefined ? {} : { reason }));
      return undefined;
    }),
  );
}

/** Shows how the operation stands after an answer. */
export const showAnswered = (session: Session, operation: OperationView): void =>
  session.show(operation, () => drawFields({ operation: operation.id, state: operation.state }));
