import { Argument } from 'commander';
import type { Command } from 'commander';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { clusterPathOf, drawCluster } from './cluster.ts';

/** `keyturn policy ID bind|report` */
export function addPolicy(program: Command, shell: Shell): void {
  program
    .command('policy')
    .summary('say what to do when a version appears in the vault')
    .description(
      'Says what Keyturn does when a version appears in the vault that the cluster does not use: bind it, or report it as a finding.',
    )
    .argument('<id>', 'resource id, subscription/group/name, or group/name')
    .addArgument(new Argument('<what>', 'what to do').choices(['bind', 'report']))
    .action(
      acting(shell, async (session, id: string, onNewVersion: 'bind' | 'report') => {
        const path = clusterPathOf(id, session.settings.subscription);
        const cluster = await session.client.changeClusterPolicy(path, { onNewVersion });
        session.show(cluster, () => drawCluster(cluster, session.terminal.colours.print));
        return undefined;
      }),
    );
}
