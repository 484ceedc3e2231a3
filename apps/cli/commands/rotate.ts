import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { readHours } from './hours.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

interface RotateOptions extends OperateOptions {
  readonly to: string;
  readonly mode?: 'explicit' | 'automatic';
  readonly clusters?: 'this' | 'all';
  readonly soakHours?: number;
  readonly keepHours?: number;
  readonly retire: boolean;
}

/** `keyturn rotate ID` */
export function addRotate(program: Command, shell: Shell): void {
  const command = program
    .command('rotate')
    .summary('put another version of its key under a cluster')
    .description(
      'Makes or finds a version of the key, binds the cluster to it, waits, and proves it. An operation follows that retires the version it leaves.',
    )
    .option('--to <version>', 'new, latest, or a version of 32 hexadecimal digits', 'new')
    .option('--mode <mode>', 'explicit or automatic; as it is now if absent')
    .option('--clusters <which>', 'all rotates every cluster of the key; this one alone if absent')
    .option('--soak-hours <hours>', 'wait between bind and proof; 24 if absent', readHours)
    .option(
      '--keep-hours <hours>',
      'how long the old version stays enabled; 24 if absent',
      readHours,
    )
    .option('--no-retire', 'leave the old version enabled for good');
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, asked: RotateOptions) => {
      const { to, mode, clusters, soakHours, keepHours, retire, ...options } = asked;
      const body = {
        kind: 'rotate' as const,
        to,
        retire,
        ...(mode !== undefined && { mode }),
        ...(clusters !== undefined && { clusters }),
        ...(soakHours !== undefined && { soakHours }),
        ...(keepHours !== undefined && { keepHours }),
      };
      return operateAnew(session, { id, body }, options);
    }),
  );
}
