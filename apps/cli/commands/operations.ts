import { Option } from 'commander';
import type { Command } from 'commander';
import type { OperationFilter } from '#libs/client/client.ts';
import { operationQuery } from '#libs/contracts/http/operation-views.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { drawTable } from '../output/table.ts';
import { acting } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { clusterPathOf } from './cluster.ts';
import type { ListOptions } from './list-options.ts';
import { pageOf, readPages, tellMore, withListOptions } from './list-options.ts';

interface OperationsOptions extends ListOptions, Pick<OperationFilter, 'state' | 'kind'> {
  readonly cluster?: string;
}

const states = operationQuery.shape.state.unwrap().options;
const kinds = operationQuery.shape.kind.unwrap().options;

/** `keyturn operations` */
export function addOperations(program: Command, shell: Shell): void {
  withListOptions(program.command('operations'))
    .summary('list operations; --state awaiting-approval is the list of approvals')
    .description(
      'Lists operations; --state awaiting-approval is the list of approvals. A new one may be missing for a moment.',
    )
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .addOption(new Option('--kind <kind>', 'only these').choices(kinds))
    .option('--cluster <id>', 'only those of this cluster')
    .action(
      acting(shell, async (session, options: OperationsOptions) => {
        const { state, kind, cluster } = options;
        const filter: OperationFilter = {
          ...pageOf(options),
          ...(state !== undefined && { state }),
          ...(kind !== undefined && { kind }),
          ...(cluster !== undefined && {
            cluster: formatClusterId(clusterPathOf(cluster, session.settings.subscription)),
          }),
        };
        const page = await readPages(
          (cursor) =>
            session.client.listOperations({ ...filter, ...(cursor !== undefined && { cursor }) }),
          options,
        );
        session.show(page, () =>
          drawTable(page.items, {
            operation: (row) => row.id,
            kind: (row) => row.kind,
            state: (row) => row.state,
            requested: (row) => row.requestedAt.replace(/\.\d+Z$/u, 'Z'),
            by: (row) => row.requestedBy.name,
            steps: ({ steps }) =>
              `${steps.filter((step) => step.state === 'done').length}/${steps.length}`,
            cluster: (row) => row.cluster.split('/').at(-1),
          }),
        );
        tellMore(session, page);
        return undefined;
      }),
    );
}
