import type { Command } from 'commander';
import { drawOperation } from '../output/operation-text.ts';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operationOf } from './operation-id.ts';

/** `keyturn operation [ID]` */
export function addOperation(program: Command, shell: Shell): void {
  program
    .command('operation')
    .summary('show one operation as it is now')
    .description('Shows one operation as it is now.')
    .argument('[id]', 'the operation; the one started last if absent')
    .action(
      acting(shell, async (session, id: string | undefined) => {
        const operation = await session.client.readOperation(operationOf(session, id));
        session.show(operation, () => drawOperation(operation, session.terminal.colours.print));
        return undefined;
      }),
    );
}
