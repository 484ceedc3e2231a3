import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { clusterPathOf } from './cluster.ts';
import type { StartOptions } from './starting.ts';
import { tellStarted, withWatchOptions } from './starting.ts';

/** `keyturn inspect ID` */
export function addInspect(program: Command, shell: Shell): void {
  const command = program
    .command('inspect')
    .summary('read a cluster in Azure and tell what is amiss')
    .description(
      'Reads a cluster, its key, grants and links in Azure, and tells what is amiss. Nothing is changed, and every inspection is a new one.',
    )
    .argument('<id>', 'resource id, subscription/group/name, or group/name');
  withWatchOptions(command).action(
    acting(shell, async (session, id: string, options: StartOptions) => {
      const cluster = clusterPathOf(id, session.settings.subscription);
      const { operationId } = await session.client.operateCluster(cluster, { kind: 'inspect' });
      return tellStarted(session, operationId, { ...options, again: true });
    }),
  );
}
