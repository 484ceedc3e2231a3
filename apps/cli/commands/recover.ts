import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

/** `keyturn recover ID` */
export function addRecover(program: Command, shell: Shell): void {
  const command = program
    .command('recover')
    .summary('give a cluster the access to its key back')
    .description(
      'Makes the grant again where nothing else is missing, and sees that the data can be read. Other causes are named.',
    );
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, options: OperateOptions) =>
      operateAnew(session, { id, body: { kind: 'recover' } }, options),
    ),
  );
}
