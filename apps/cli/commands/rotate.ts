import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

interface RotateOptions extends OperateOptions {
  readonly to: string;
  readonly mode?: 'explicit' | 'automatic';
  readonly soakHours?: number;
}

/** `keyturn rotate ID` */
export function addRotate(program: Command, shell: Shell): void {
  const command = program
    .command('rotate')
    .summary('put another version of its key under a cluster')
    .description(
      'Makes or finds a version of the key, binds the cluster to it, waits, and proves it. The old version stays enabled.',
    )
    .option('--to <version>', 'new, latest, or a version of 32 hexadecimal digits', 'new')
    .option('--mode <mode>', 'explicit or automatic; as it is now if absent')
    .option('--soak-hours <hours>', 'wait between bind and proof; 24 if absent', readHours);
  withKey(operatingOn(command)).action(
    acting(
      shell,
      async (session, id: string, { to, mode, soakHours, ...options }: RotateOptions) => {
        const body = {
          kind: 'rotate' as const,
          to,
          ...(mode !== undefined && { mode }),
          ...(soakHours !== undefined && { soakHours }),
        };
        return operateAnew(session, { id, body }, options);
      },
    ),
  );
}

function readHours(text: string): number {
  const hours = Number(text);
  if (text.trim() === '' || Number.isNaN(hours)) throw new InvalidArgumentError('must be a number');
  return hours;
}
