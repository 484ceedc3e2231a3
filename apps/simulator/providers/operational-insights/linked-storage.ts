import { requireLinkedRight } from '../../arm/linked-scope.ts';
import { authorize } from '../../authorization.ts';
import { AzureFault } from '../../azure-fault.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { findStorageAccount } from '../storage/storage-accounts.ts';
import { refuse } from './cluster-checks.ts';
import type { Workspace } from './documents.ts';
import { rulesOf } from './rules.ts';
import { moveSearches } from './saved-searches.ts';
import { principalsOf } from './workspace-identity.ts';
import { requireLinkedWorkspace } from './workspace-place.ts';

/** An account that is linked to a workspace for one kind of data. */
interface LinkedStorage {
  readonly id: string;
  readonly workspaceId: string;
  readonly kind: string;
  readonly accountIds: readonly string[];
}

const COLLECTION = 'linkedStorageAccounts';
const TYPE = 'Microsoft.OperationalInsights/workspaces/linkedStorageAccounts';
const LIST =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/linkedStorageAccounts';
const kinds = ['CustomLogs', 'AzureWatson', 'Query', 'Ingestion', 'Alerts'];
/** Kinds whose link goes to one account and needs the workspace's own identity today (R133, R138). */
const forQueries = ['Query', 'Alerts'];
const apiVersions = [
  '2019-08-01-preview',
  '2020-03-01-preview',
  '2020-08-01',
  '2023-09-01',
  '2025-02-01',
  '2025-07-01',
];

/** Microsoft.OperationalInsights/workspaces/linkedStorageAccounts: all of it synchronous (R127). */
export const linkedStorageRoutes: readonly Route[] = [
  route('GET', LIST, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${LIST}/{kind}`, {
    action: `${TYPE}/read`,
    handle: (call) => ({ status: 200, body: toArm(required(call), call.apiVersion) }),
  }),
  route('PUT', `${LIST}/{kind}`, { action: `${TYPE}/write`, handle: put }),
  route('DELETE', `${LIST}/{kind}`, { action: `${TYPE}/delete`, handle: remove }),
];

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  return { service: 'arm', method, path, apiVersions, ...rest };
}

function list(call: Call): Answer {
  const { id } = requireLinkedWorkspace(call);
  const found = call.tx.list<LinkedStorage>(COLLECTION).filter((link) => link.workspaceId === id);
  return { status: 200, body: { value: found.map((link) => toArm(link, call.apiVersion)) } };
}

function required(call: Call): LinkedStorage {
  const found = find(call);
  if (found) return found;
  throw new AzureFault(404, { code: 'NotFound', message: '' });
}

function find(call: Call): LinkedStorage | undefined {
  const { id } = requireLinkedWorkspace(call);
  return call.tx.get<LinkedStorage>(COLLECTION, `${id}/linkedStorageAccounts/${kindOf(call)}`);
}

/** The path decides the kind, in any letter case (R127). */
function kindOf(call: Call): string {
  const asked = (call.params['kind'] ?? '').toLowerCase();
  const kind = kinds.find((known) => known.toLowerCase() === asked);
  if (kind !== undefined) return kind;
  throw refuse('InvalidParameter', `The data source type must be one of ${kinds.join(', ')}.`);
}

function put(call: Call): Answer {
  const { tx } = call;
  const workspace = requireLinkedWorkspace(call);
  const kind = kindOf(call);
  if (kind === 'CustomLogs' && rulesOf(tx).name === 'current') {
    throw refuse('BadRequest', 'Linking a storage account for CustomLogs is no longer supported.');
  }
  const accountIds = readAccounts(call, kind);
  for (const id of accountIds) checkAccount(call, { workspace, kind, id });
  const id = `${workspace.id}/linkedStorageAccounts/${kind}`;
  const link: LinkedStorage = { id, workspaceId: workspace.id, kind, accountIds };
  tx.put(COLLECTION, id, link);
  if (kind === 'Query') moveSearches(tx, workspace.id, accountIds[0]);
  tx.note(`storage linked for ${kind}`);
  return { status: 200, body: toArm(link, call.apiVersion) };
}

function remove(call: Call): Answer {
  const found = find(call);
  if (!found) return { status: 204 };
  call.tx.remove(COLLECTION, found.id);
  if (found.kind === 'Query') moveSearches(call.tx, found.workspaceId, undefined);
  call.tx.note(`storage unlinked for ${found.kind}`);
  return { status: 200 };
}

/** R133: one account for queries. */
function readAccounts(call: Call, kind: string): string[] {
  const body = call.body as { properties?: { storageAccountIds?: unknown } } | undefined;
  const ids: unknown[] = Array.isArray(body?.properties?.storageAccountIds)
    ? body.properties.storageAccountIds
    : [];
  const names = ids.filter((id) => typeof id === 'string');
  if (names.length === 0 || names.length !== ids.length) {
    throw refuse(
      'InvalidParameter',
      'properties.storageAccountIds must name a storage account.',
      'properties.storageAccountIds',
    );
  }
  if (names.length === 1 || !forQueries.includes(kind)) return names;
  throw refuse('BadRequest', `Only one storage account can be linked for ${kind}.`);
}

/** There (chosen text), in the region (R129), of a kind that does, open to caller and workspace (R128, R138). */
function checkAccount(
  call: Call,
  wanted: { workspace: Workspace; kind: string; id: string },
): void {
  const { workspace, kind, id } = wanted;
  requireLinkedRight(call, {
    own: `${TYPE}/write`,
    action: 'Microsoft.Storage/storageAccounts/write',
    resource: id,
  });
  const account = findStorageAccount(call.tx, id);
  if (!account) throw refuse('BadRequest', `The storage account '${id}' was not found.`);
  if (account.location !== workspace.location) {
    throw refuse(
      'BadRequest',
      `The storage account '${account.name}' must be in the region of the workspace, '${workspace.location}'.`,
    );
  }
  if (rulesOf(call.tx).name !== 'current' || !forQueries.includes(kind)) return;
  if (account.kind !== 'StorageV2') {
    throw refuse('BadRequest', `The storage account '${account.name}' must be of kind StorageV2.`);
  }
  const mayWrite = principalsOf(call.tx, workspace).some(
    (principalId) =>
      authorize(call.tx, {
        principalId,
        action: 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write',
        resource: account.id,
        kind: 'dataAction',
      }).allowed,
  );
  if (mayWrite) return;
  throw refuse(
    'BadRequest',
    `The workspace needs a managed identity that holds Storage Table Data Contributor on the storage account '${account.name}'.`,
  );
}

/** In 2020 name and type came back in lower case (recordings). */
function toArm({ id, kind, accountIds }: LinkedStorage, apiVersion: string): object {
  const name = apiVersion < '2021-01-01' ? kind.toLowerCase() : kind;
  return {
    id,
    name,
    type: TYPE,
    properties: { dataSourceType: name, storageAccountIds: accountIds },
  };
}
