import type { Command } from 'commander';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawPlan } from '../output/operation-text.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';
import { showAnswered } from './answering.ts';

interface ApproveOptions {
  readonly plan?: string;
  readonly reason?: string;
}

/** `keyturn approve ID` */
export function addApprove(program: Command, shell: Shell): void {
  program
    .command('approve')
    .summary('say yes to the plan of an operation')
    .description(
      'Says yes to one plan of an operation, and to no other. Without --plan the plan in force is shown, and a person is asked.',
    )
    .argument('<id>', 'the operation')
    .option('--plan <hash>', 'the hash of the plan that was read')
    .option('--reason <text>', 'kept beside the approval')
    .action(
      acting(shell, async (session, id: string, { plan, reason }: ApproveOptions) => {
        const hash = plan ?? (await askAbout(session, await session.client.readOperation(id)));
        const answering = reason === undefined ? {} : { reason };
        showAnswered(session, await session.client.approveOperation(id, hash, answering));
        return undefined;
      }),
    );
}

/** A yes belongs to a plan that somebody has seen. */
async function askAbout({ terminal }: Session, operation: OperationView): Promise<string> {
  const { approval, plan } = operation;
  if (approval === undefined || plan === undefined) {
    throw new CliError(
      `operation ${operation.id} is ${operation.state} and asks for no approval`,
      exitCodes.refused,
    );
  }
  if (!terminal.isInteractive) {
    throw new CliError(
      'there is no terminal to ask at',
      exitCodes.invalid,
      `Read the plan with keyturn operation ${operation.id} and name it: --plan HASH`,
    );
  }
  terminal.talk(
    `${operation.kind} of ${operation.cluster}, requested by ${operation.requestedBy.name}`,
  );
  terminal.talk(...drawPlan(plan, terminal.colours.talk), approval.reason);
  const answer = await terminal.ask('Approve this plan? Type yes: ');
  if (answer.trim().toLowerCase() === 'yes') return approval.planHash;
  throw new CliError('not approved; nothing was sent', exitCodes.refused);
}
