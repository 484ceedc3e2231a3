import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operate, operatingOn } from './operating.ts';
import type { OperateOptions } from './operating.ts';
import { withKeyOptions } from './starting.ts';

/** `keyturn adopt ID` */
export function addAdopt(program: Command, shell: Shell): void {
  const command = program
    .command('adopt')
    .summary('look after a cluster that somebody else made')
    .description(
      'Reads a cluster that somebody else made, tells what is amiss, and looks after it from now on. Nothing in Azure is changed.',
    );
  withKeyOptions(operatingOn(command)).action(
    acting(shell, async (session, id: string, options: OperateOptions) =>
      operate(session, { id, body: { kind: 'adopt' } }, options),
    ),
  );
}
