import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';
import { fullVaultId } from '../request/short-names.ts';
import { clusterPathOf } from './cluster.ts';
import { readHours } from './hours.ts';

interface RetireOptions extends OperateOptions {
  readonly version: string;
  readonly vault?: string;
  readonly keyName?: string;
  readonly keepHours?: number;
  readonly notBefore?: string;
}

/** `keyturn retire-version ID` */
export function addRetireVersion(program: Command, shell: Shell): void {
  const command = program
    .command('retire-version')
    .summary('disable a key version that no cluster uses any more')
    .description(
      'Looks at every cluster that may use the version, waits until it has let go, and disables it. A second person approves it.',
    )
    .requiredOption('--version <version>', '32 hexadecimal digits; every: all that are enabled')
    .option(
      '--vault <id>',
      'vault of a key that the cluster has left: resource id, group/name, or name',
    )
    .option('--key-name <name>', 'name of that key')
    .option(
      '--keep-hours <hours>',
      'how long it stays enabled after the bind; 24 if absent',
      readHours,
    )
    .option('--not-before <instant>', 'not before this instant either, like 2026-03-01T08:00:00Z');
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, asked: RetireOptions) => {
      const { version, vault, keyName, keepHours, notBefore, ...options } = asked;
      const cluster = clusterPathOf(id, session.settings.subscription);
      const body = {
        kind: 'retire-version' as const,
        version,
        ...((vault !== undefined || keyName !== undefined) && {
          // The API says which of the two is missing.
          key: { vaultId: fullVaultId(vault ?? '', cluster), name: keyName ?? '' },
        }),
        ...(keepHours !== undefined && { keepHours }),
        ...(notBefore !== undefined && { notBefore }),
      };
      return operateAnew(session, { id, body }, options);
    }),
  );
}
