import type { Workspace } from '../providers/operational-insights/documents.ts';
import type { Transaction } from '../store.ts';
import { listRules, tableOf } from './documents.ts';
import type { CollectionRule, LogRecord } from './documents.ts';
import { semanticError } from './kql/refusals.ts';
import type { Column, Table } from './kql/table.ts';

/** A workspace's table with the records given. Throws SEM0100 when no rule writes such a table there. */
export function readTable(
  tx: Transaction,
  asked: { workspace: Workspace; name: string; records: readonly LogRecord[] },
): Table {
  const { workspace, name, records } = asked;
  const declared = columnsOf(tx, workspace, name);
  if (declared === undefined) {
    throw semanticError(
      'SEM0100',
      `'where' operator: Failed to resolve table or column expression named '${name}'`,
    );
  }
  const columns: Column[] = [
    { name: 'TenantId', type: 'string' },
    { name: 'TimeGenerated', type: 'datetime' },
    ...declared.filter((column) => column.name !== 'TimeGenerated'),
    { name: 'Type', type: 'string' },
  ];
  const rows = records.map(({ values }) => {
    const all: Record<string, unknown> = { ...values, TenantId: workspace.customerId, Type: name };
    return columns.map((column) => all[column.name] ?? null);
  });
  return { columns, rows };
}

/** The columns that a table has by the streams written to it; tables exist by rules alone here. */
function columnsOf(tx: Transaction, { id }: Workspace, table: string): Column[] | undefined {
  const streams = listRules(tx).flatMap((rule) =>
    rule.flows
      .filter(({ destinations }) => destinations.some((name) => leadsTo(rule, { name, id })))
      .flatMap((flow) => flow.streams.filter((stream) => tableOf(flow, stream) === table))
      .map((stream) => rule.streams[stream]?.columns ?? []),
  );
  if (streams.length === 0) return undefined;
  const columns = streams
    .flat()
    .map(({ name, type }) => [name, { name, type: type === 'boolean' ? 'bool' : type }] as const);
  return [...new Map(columns).values()];
}

function leadsTo(rule: CollectionRule, wanted: { name: string; id: string }): boolean {
  return rule.destinations.some(
    ({ name, workspaceResourceId }) =>
      name === wanted.name && workspaceResourceId.toLowerCase() === wanted.id.toLowerCase(),
  );
}
