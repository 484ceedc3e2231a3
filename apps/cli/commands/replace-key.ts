import { InvalidArgumentError, type Command } from 'commander';
import { fullVaultId } from '../request/short-names.ts';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { clusterPathOf } from './cluster.ts';
import { readHours } from './hours.ts';
import { operateAnew, operatingOn, withKey } from './operating.ts';
import type { OperateOptions } from './operating.ts';

interface ReplaceOptions extends OperateOptions {
  readonly vault: string;
  readonly keyName: string;
  readonly reason: string;
  readonly source?: 'generate' | 'use' | { readonly importFrom: string };
  readonly keyVersion?: string;
  readonly sizeBits?: number;
  readonly mode?: 'explicit' | 'automatic';
  readonly soakHours?: number;
  readonly keepHours?: number;
  readonly retire: boolean;
}

/** `keyturn replace-key ID` */
export function addReplaceKey(program: Command, shell: Shell): void {
  const command = program
    .command('replace-key')
    .summary('put another key under a cluster whose key is not to be trusted')
    .description(
      'Makes or finds another key, in this vault or another, binds the cluster to it, and proves it. Nobody is locked out by it: revoke does that. An operation follows that retires the old key.',
    )
    .requiredOption('--vault <id>', 'vault of the other key: resource id, group/name, or name')
    .requiredOption('--key-name <name>', 'name of the other key')
    .requiredOption('--reason <text>', 'why; it stands in the audit trail')
    .option('--source <source>', 'generate (if absent), use, or import:FILE', readSource)
    .option('--key-version <version>', 'with --source use; the latest if absent')
    .option('--size-bits <bits>', 'of a key that is generated; 3072 if absent', readBits)
    .option('--mode <mode>', 'explicit (if absent) or automatic')
    .option('--soak-hours <hours>', 'wait between bind and proof; 24 if absent', readHours)
    .option('--keep-hours <hours>', 'how long the old key stays enabled; 24 if absent', readHours)
    .option('--no-retire', 'leave the old key enabled for good');
  withKey(operatingOn(command)).action(
    acting(shell, async (session, id: string, asked: ReplaceOptions) => {
      const cluster = clusterPathOf(id, session.settings.subscription);
      const { vault, keyName: name, source, keyVersion: version, sizeBits, mode, ...rest } = asked;
      const { reason, soakHours, keepHours, retire, ...options } = rest;
      const key = {
        vaultId: fullVaultId(vault, cluster),
        name,
        ...(source !== undefined && { source }),
        ...(version !== undefined && { version }),
        ...(sizeBits !== undefined && { sizeBits }),
        ...(mode !== undefined && { mode }),
      };
      const waits = {
        ...(soakHours !== undefined && { soakHours }),
        ...(keepHours !== undefined && { keepHours }),
      };
      const body = { kind: 'replace-key' as const, key, reason, retire, ...waits };
      return operateAnew(session, { id, body }, options);
    }),
  );
}

function readSource(text: string): ReplaceOptions['source'] {
  if (text === 'generate' || text === 'use') return text;
  const [, importFrom] = /^import:(.+)$/u.exec(text) ?? [];
  if (importFrom !== undefined) return { importFrom };
  throw new InvalidArgumentError('must be generate, use, or import:FILE');
}

function readBits(text: string): number {
  const bits = Number(text);
  if (!Number.isInteger(bits)) throw new InvalidArgumentError('must be a whole number');
  return bits;
}
