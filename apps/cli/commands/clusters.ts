import { Option } from 'commander';
import type { Command } from 'commander';
import type { ClusterFilter } from '#libs/client/client.ts';
import { clusterQuery } from '#libs/contracts/http/cluster-views.ts';
import { drawTable } from '../output/table.ts';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import type { ListOptions } from './list-options.ts';
import { pageOf, readPages, tellMore, withListOptions } from './list-options.ts';

interface ClustersOptions extends ListOptions, Pick<ClusterFilter, 'state' | 'region'> {
  readonly in?: string;
}

const states = clusterQuery.shape.state.unwrap().options;

/** `keyturn clusters` */
export function addClusters(program: Command, shell: Shell): void {
  withListOptions(program.command('clusters'))
    .summary('list the clusters that Keyturn looks after')
    .description(
      'Lists the clusters that Keyturn looks after. A new one may be missing for a moment.',
    )
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .option('--region <region>', 'only there')
    .option('--in <subscription>', 'only in this subscription')
    .action(
      acting(shell, async (session, options: ClustersOptions) => {
        const { state, region, in: subscription } = options;
        const filter: ClusterFilter = {
          ...pageOf(options),
          ...(state !== undefined && { state }),
          ...(region !== undefined && { region }),
          ...(subscription !== undefined && { subscription }),
        };
        const page = await readPages(
          (cursor) =>
            session.client.listClusters({ ...filter, ...(cursor !== undefined && { cursor }) }),
          options,
        );
        session.show(page, () =>
          drawTable(page.items, {
            name: (row) => row.name,
            group: (row) => row.resourceGroup,
            subscription: (row) => row.subscriptionId,
            state: (row) => row.state,
            region: (row) => row.region,
            'gb/day': (row) => row.capacityGbPerDay,
            workspaces: (row) => row.linkedWorkspaces,
            findings: (row) => row.findings.count,
          }),
        );
        tellMore(session, page);
        return undefined;
      }),
    );
}
