import { Option } from 'commander';
import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

interface RevokeOptions extends OperateOptions {
  readonly reason: string;
  readonly by: 'grant' | 'versions';
  readonly breakGlass?: boolean;
  readonly recoverAt?: string;
}

/** `keyturn revoke ID` */
export function addRevoke(program: Command, shell: Shell): void {
  const command = program
    .command('revoke')
    .summary('take the access to its key away from a cluster')
    .description(
      'Takes the grant of the cluster away, or disables every version of its key, and sees that its data can no longer be read. A second person approves it.',
    )
    .requiredOption('--reason <text>', 'why; it stands in the audit trail')
    .addOption(
      new Option(
        '--by <what>',
        'grant: of this cluster alone; versions: of the key, for all who use it',
      )
        .choices(['grant', 'versions'])
        .default('grant'),
    )
    .option('--recover-at <instant>', 'give it back by itself then, like 2026-03-01T08:00:00Z')
    .option('--break-glass', 'as an approver, without a second yes; to be reviewed');
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, asked: RevokeOptions) => {
      const { reason, by, breakGlass = false, recoverAt, ...options } = asked;
      const body = {
        kind: 'revoke' as const,
        reason,
        by,
        breakGlass,
        ...(recoverAt !== undefined && { recoverAt }),
      };
      return operateAnew(session, { id, body }, options);
    }),
  );
}
