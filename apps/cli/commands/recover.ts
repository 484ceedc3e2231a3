import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

interface RecoverOptions extends OperateOptions {
  readonly notBefore?: string;
}

/** `keyturn recover ID` */
export function addRecover(program: Command, shell: Shell): void {
  const command = program
    .command('recover')
    .summary('give a cluster the access to its key back')
    .description(
      'Undoes what keeps the cluster out: a grant that is gone, versions that a revocation disabled, a deleted key or vault. Other causes are named. Then sees that the data can be read.',
    )
    .option('--not-before <instant>', 'wait for this instant first, like 2026-03-01T08:00:00Z');
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, { notBefore, ...options }: RecoverOptions) => {
      const body = { kind: 'recover' as const, ...(notBefore !== undefined && { notBefore }) };
      return operateAnew(session, { id, body }, options);
    }),
  );
}
