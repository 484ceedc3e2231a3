import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { chooseKey } from '../request/request-key.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';
import { clusterPathOf } from './cluster.ts';
import { showPlanOf } from './planning.ts';
import type { StartOptions } from './starting.ts';
import { tellStarted, withKeyOptions, withWatchOptions } from './starting.ts';

interface AdoptOptions extends StartOptions {
  readonly planOnly?: boolean;
}

/** `keyturn adopt ID` */
export function addAdopt(program: Command, shell: Shell): void {
  const command = program
    .command('adopt')
    .summary('look after a cluster that somebody else made')
    .description(
      'Reads a cluster that somebody else made, tells what is amiss, and looks after it from now on. Nothing in Azure is changed.',
    )
    .argument('<id>', 'resource id, subscription/group/name, or group/name')
    .option('--plan-only', 'only tell what would be found');
  withWatchOptions(withKeyOptions(command)).action(acting(shell, adopt));
}

async function adopt(session: Session, id: string, options: AdoptOptions): Promise<ExitCode> {
  const { client, memory, settings } = session;
  const cluster = clusterPathOf(id, settings.subscription);
  if (options.planOnly === true) {
    const body = { kind: 'adopt', planOnly: true } as const;
    return showPlanOf(session, (await client.operateCluster(cluster, body)).operationId);
  }
  const body = { kind: 'adopt' } as const;
  const { idempotencyKey: key, again } = options;
  const idempotencyKey = chooseKey({ cluster, ...body }, { key, again }, memory);
  const { operationId } = await client.operateCluster(cluster, body, { idempotencyKey });
  return tellStarted(session, operationId, options);
}
