import { authorize } from '../authorization.ts';
import { AzureFault } from '../azure-fault.ts';
import {
  findCluster,
  findLink,
  linkedClusterId,
  listWorkspaces,
} from '../providers/operational-insights/documents.ts';
import type { Workspace } from '../providers/operational-insights/documents.ts';
import type { Answer, Call, Principal, Route } from '../route.ts';
import { openDataReach } from './data-reach.ts';
import type { LogRecord } from './documents.ts';
import { parseQuery } from './kql/parse.ts';
import { badArgument } from './kql/refusals.ts';
import { runOperators } from './kql/run.ts';
import { readTable } from './tables.ts';
import { readTimespan } from './timespan.ts';
import type { TimeRange } from './timespan.ts';
import { readVaultAudit } from './vault-audit-table.ts';
import { keptRecords } from './write-records.ts';

/** The Log Analytics query API, for one workspace by its own GUID. */
export const queryRoutes: readonly Route[] = [
  {
    service: 'logs',
    method: 'POST',
    path: '/v1/workspaces/{customerId}/query',
    handle: answerQuery,
  },
];

function answerQuery(call: Call): Answer {
  const workspace = requireWorkspace(call);
  requireRight(call, workspace);
  const { query, timespan } = (call.body ?? {}) as { query?: unknown; timespan?: unknown };
  if (typeof query !== 'string') throw badArgument('The request carries no query.');
  const { now } = call.tx;
  const range = readTimespan(timespan, now);
  const parsed = parseQuery(query, now);
  const found = keptRecords(call.tx, workspace).filter(
    ({ table, arrivesAt, timeGenerated }) =>
      table === parsed.table &&
      arrivesAt <= now &&
      timeGenerated >= range.from &&
      timeGenerated <= range.to,
  );
  const records = readable(call, { workspace, range, found });
  const table =
    readVaultAudit(call.tx, { workspace, range, name: parsed.table }) ??
    readTable(call.tx, { workspace, name: parsed.table, records });
  const { columns, rows: values } = runOperators(table, parsed.operators);
  return { status: 200, body: { tables: [{ name: 'PrimaryResult', columns, rows: values }] } };
}

function requireWorkspace(call: Call): Workspace {
  const asked = (call.params['customerId'] ?? '').toLowerCase();
  const found = listWorkspaces(call.tx).find(({ customerId }) => customerId === asked);
  if (found !== undefined) return found;
  throw new AzureFault(404, {
    code: 'PathNotFoundError',
    message: 'The requested path does not exist',
  });
}

function requireRight(call: Call, { id, customerId }: Workspace): void {
  const { objectId } = call.principal as Principal;
  const { allowed } = authorize(call.tx, {
    principalId: objectId,
    action: 'Microsoft.OperationalInsights/workspaces/query/read',
    resource: id,
    kind: 'action',
  });
  if (allowed) return;
  const innererror = {
    code: 'UnauthorizedClient',
    message: `The service principal does not have sufficient permissions to access this resource: ${customerId}`,
  };
  throw new AzureFault(
    403,
    {
      code: 'InsufficientAccessError',
      message:
        'The provided credentials have insufficient access to perform the requested operation',
    },
    { members: { innererror } },
  );
}

/**
 * The records a query gets, or the failure of all of it as soon as it touches a cluster that is out of reach: by a
 * record that lies there, or by looking at a time since when the workspace's data goes there (R83, R76).
 */
function readable(
  call: Call,
  asked: { workspace: Workspace; range: TimeRange; found: readonly LogRecord[] },
): LogRecord[] {
  const { workspace, range, found } = asked;
  const reach = openDataReach(call.tx);
  const link = findLink(call.tx, workspace.id);
  const cluster = findCluster(call.tx, linkedClusterId(call.tx, workspace.id) ?? '');
  const current = cluster && reach.ofCluster({ id: cluster.id, guid: cluster.clusterId });
  const touchesCluster = range.to > (link?.linkedSince ?? Number.POSITIVE_INFINITY);
  const standings = found.map((record) => ({ record, standing: reach.ofRecord(record) }));
  const blocked = standings.some(({ standing }) => standing === 'unreadable');
  if (blocked || (touchesCluster && current?.outOfReach === true)) throw dataOutOfReach();
  return standings.filter(({ standing }) => standing === 'readable').map(({ record }) => record);
}

/** Azure publishes no error for this; code and text are chosen. */
function dataOutOfReach(): AzureFault {
  return new AzureFault(403, {
    code: 'CustomerManagedKeyAccessError',
    message:
      'The data cannot be accessed: the storage of the cluster has no access to its customer-managed key.',
  });
}
