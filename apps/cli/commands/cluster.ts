import type { Command } from 'commander';
import type { ClusterPath, ClusterView } from '#libs/contracts/http/cluster-views.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawFindings } from '../output/finding-text.ts';
import { drawFields } from '../output/table.ts';
import type { Colours } from '../output/terminal.ts';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';

/** `keyturn cluster ID` */
export function addCluster(program: Command, shell: Shell): void {
  program
    .command('cluster')
    .summary('show one cluster')
    .description('Shows one cluster as Keyturn knows it.')
    .argument('<id>', 'resource id, subscription/group/name, or group/name')
    .action(
      acting(shell, async (session, id: string) => {
        const path = clusterPathOf(id, session.settings.subscription);
        const cluster = await session.client.readCluster(path);
        session.show(cluster, () => drawCluster(cluster, session.terminal.colours.print));
        return undefined;
      }),
    );
}

/** Reads how people name a cluster. @throws CliError (exit code 2) */
export function clusterPathOf(id: string, subscription?: string): ClusterPath {
  const parsed = parseClusterId(id);
  if (parsed !== undefined) return parsed;
  const parts = id.split('/');
  const full = parts.length === 2 && subscription !== undefined ? [subscription, ...parts] : parts;
  const [subscriptionId, resourceGroup, name] = full;
  if (full.length === 3 && subscriptionId && resourceGroup && name) {
    return { subscriptionId, resourceGroup, name };
  }
  const remedy =
    'Write its resource id, subscription/group/name, or group/name with --subscription.';
  throw new CliError(`${id} names no cluster`, exitCodes.invalid, remedy);
}

/** Draws a cluster for people. */
export function drawCluster(cluster: ClusterView, colours: Colours): string[] {
  const { key, findings, deadlines, operations } = cluster;
  return [
    ...drawFields({
      cluster: cluster.id,
      state: cluster.state,
      region: cluster.region,
      'gb per day': cluster.capacityGbPerDay,
      encryption: drawEncryption(cluster),
      key: key && `${key.kid} (${key.mode}, bound ${key.boundAt})`,
      'new version': cluster.onNewVersion,
      identity: cluster.principalId,
      workspaces: cluster.linkedWorkspaces,
    }),
    ...operations.map(({ id, kind }) => `running     ${kind} ${id}`),
    ...deadlines.map(({ at, reason }) => `due         ${at} ${reason}`),
    ...drawFindings(findings.top, colours),
    ...(findings.count > findings.top.length
      ? [`  and ${findings.count - findings.top.length} more findings`]
      : []),
  ];
}

/** Chosen when the cluster was made, and never to be changed. */
function drawEncryption({ doubleEncryption }: ClusterView): string | undefined {
  if (doubleEncryption === undefined) return undefined;
  return doubleEncryption ? 'double' : 'single';
}
