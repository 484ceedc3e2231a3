import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operationOf } from './operation-id.ts';
import { watch } from './watching.ts';
import type { WatchOptions } from './watching.ts';

/** `keyturn watch [ID]` */
export function addWatch(program: Command, shell: Shell): void {
  program
    .command('watch')
    .summary('tell what happens to an operation until it ends')
    .description(
      'Tells what happens to an operation until it ends. It stops with exit code 4 when only a person can help; --json prints one line for each state.',
    )
    .argument('[id]', 'the operation; the one started last if absent')
    .option('--stay', 'go on also while only a person can help')
    .action(
      acting(shell, async (session, id: string | undefined, options: WatchOptions) =>
        watch(session, operationOf(session, id), options),
      ),
    );
}
