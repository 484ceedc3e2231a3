import { Command, CommanderError } from 'commander';
import { addAdopt } from './commands/adopt.ts';
import { addApprove } from './commands/approve.ts';
import { addCancel } from './commands/cancel.ts';
import { addCluster } from './commands/cluster.ts';
import { addClusters } from './commands/clusters.ts';
import { addDiscover } from './commands/discover.ts';
import { addInspect } from './commands/inspect.ts';
import { addLogin } from './commands/login.ts';
import { addLogout } from './commands/logout.ts';
import { addOperation } from './commands/operation.ts';
import { addOperations } from './commands/operations.ts';
import { addPlan } from './commands/plan.ts';
import { addPolicy } from './commands/policy.ts';
import { addProvision } from './commands/provision.ts';
import { addRecover } from './commands/recover.ts';
import { addReject } from './commands/reject.ts';
import { addReplaceKey } from './commands/replace-key.ts';
import { addResume } from './commands/resume.ts';
import { addRetireVersion } from './commands/retire-version.ts';
import { addRevoke } from './commands/revoke.ts';
import { addRotate } from './commands/rotate.ts';
import { addWatch } from './commands/watch.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes, exitMeanings } from './exit-codes.ts';
import { drawError, toErrorDocument, toExitCode } from './output/error-text.ts';
import type { Shell } from './shell.ts';

/** Runs one command line; returns its exit code, and never throws. */
export async function runProgram(args: readonly string[], shell: Shell): Promise<ExitCode> {
  const program = createProgram(shell);
  try {
    await program.parseAsync(args, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    // Commander has told it already, help and version included.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.invalid;
    const { terminal } = shell;
    if (program.opts<{ json?: boolean }>().json === true) {
      terminal.talk(JSON.stringify(toErrorDocument(error)));
    } else {
      terminal.talk(...drawError(error, terminal.colours.talk));
    }
    return toExitCode(error);
  }
}

function createProgram(shell: Shell): Command {
  const { terminal } = shell;
  const program = new Command('keyturn')
    .description('Customer-managed keys of Azure Monitor dedicated clusters, durably.')
    .option('--api <url>', 'address of the API (KEYTURN_API)')
    .option('--json', 'print JSON: one document, or one line for each state when watching')
    .option('--subscription <id>', 'of names that leave it out (KEYTURN_SUBSCRIPTION)')
    .option('--simulator <file>', 'simulator.json of a local stack (KEYTURN_SIMULATOR)')
    .option('--as <principal>', 'who to be there; operator if absent (KEYTURN_AS)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', helpOnExits())
    .showHelpAfterError('(keyturn --help says more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.talk(text.trimEnd()),
    });
  for (const add of commands) add(program, shell);
  return program;
}

/** In the order of the help. */
const commands = [
  addLogin,
  addLogout,
  addPlan,
  addPolicy,
  addProvision,
  addDiscover,
  addAdopt,
  addInspect,
  addRotate,
  addRetireVersion,
  addReplaceKey,
  addRevoke,
  addRecover,
  addWatch,
  addClusters,
  addCluster,
  addOperations,
  addOperation,
  addApprove,
  addReject,
  addResume,
  addCancel,
];

function helpOnExits(): string {
  const lines = exitMeanings.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return ['', 'Exit codes:', ...lines].join('\n');
}
