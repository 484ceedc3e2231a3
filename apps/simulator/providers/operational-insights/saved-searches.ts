import { randomUUID } from 'node:crypto';
import { AzureFault } from '../../azure-fault.ts';
import type { Answer, Call, Route } from '../../route.ts';
import type { Transaction } from '../../store.ts';
import { refuse } from './cluster-checks.ts';
import { requireLinkedWorkspace, workspaceIdOf } from './workspace-place.ts';
import { rulesOf } from './rules.ts';

/** A query that somebody saved, in the workspace or in the account that is linked for queries. */
interface SavedSearch {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly etag: string;
  readonly properties: Record<string, unknown>;
  /** The account it lies in; absent: the workspace itself. */
  readonly accountId?: string;
  /** Set for what lay in the workspace when the account was linked: it is no longer seen there. */
  readonly moved?: true;
}

const COLLECTION = 'savedSearches';
const TYPE = 'Microsoft.OperationalInsights/workspaces/savedSearches';
const LIST =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/savedSearches';
const apiVersions = ['2015-03-20', '2020-08-01', '2023-09-01', '2025-02-01', '2025-07-01'];

/** Microsoft.OperationalInsights/workspaces/savedSearches. */
export const savedSearchRoutes: readonly Route[] = [
  route('GET', LIST, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${LIST}/{name}`, {
    action: `${TYPE}/read`,
    handle: (call) => ({ status: 200, body: toArm(required(call)) }),
  }),
  route('PUT', `${LIST}/{name}`, { action: `${TYPE}/write`, handle: put }),
  route('DELETE', `${LIST}/{name}`, { action: `${TYPE}/delete`, handle: remove }),
];

/**
 * What linking an account for queries does: what was saved before is gone from the workspace; today it is moved
 * and comes back with the unlink, in 2021 it is lost (R130).
 */
export function moveSearches(
  tx: Transaction,
  workspaceId: string,
  accountId: string | undefined,
): void {
  const isKept = rulesOf(tx).name === 'current';
  for (const search of searchesOf(tx, workspaceId)) {
    const { accountId: _before, moved: _away, ...own } = search;
    if (accountId === undefined && isKept) tx.put(COLLECTION, search.id, own);
    else if (accountId === undefined || (!isKept && search.accountId === undefined)) {
      tx.remove(COLLECTION, search.id);
    } else if (search.accountId === undefined) {
      tx.put(COLLECTION, search.id, { ...own, accountId, moved: true });
    } else tx.put(COLLECTION, search.id, { ...search, accountId });
  }
}

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  return { service: 'arm', method, path, apiVersions, ...rest };
}

function searchesOf(tx: Transaction, workspaceId: string): SavedSearch[] {
  return tx
    .list<SavedSearch>(COLLECTION)
    .filter((search) => search.workspaceId.toLowerCase() === workspaceId.toLowerCase());
}

function list(call: Call): Answer {
  requireLinkedWorkspace(call);
  const seen = searchesOf(call.tx, workspaceIdOf(call)).filter(({ moved }) => moved !== true);
  return { status: 200, body: { value: seen.map(toArm) } };
}

function find(call: Call): SavedSearch | undefined {
  const id = `${workspaceIdOf(call)}/savedSearches/${call.params['name'] ?? ''}`;
  const found = call.tx.get<SavedSearch>(COLLECTION, id);
  return found?.moved === true ? undefined : found;
}

function required(call: Call): SavedSearch {
  const found = find(call);
  if (found) return found;
  throw new AzureFault(404, {
    code: 'NotFound',
    message: `The saved search '${call.params['name'] ?? ''}' was not found.`,
  });
}

/** Creates, or overwrites for who sends the etag or `*`. */
function put(call: Call): Answer {
  const { tx } = call;
  const workspace = requireLinkedWorkspace(call);
  const body = call.body as { etag?: unknown; properties?: Record<string, unknown> } | undefined;
  const properties = body?.properties ?? {};
  for (const name of ['category', 'displayName', 'query']) {
    const value = properties[name];
    if (typeof value !== 'string' || value === '') {
      throw refuse('InvalidParameter', `properties.${name} is required.`, `properties.${name}`);
    }
  }
  const known = find(call);
  if (known && body?.etag !== '*' && body?.etag !== known.etag) {
    throw new AzureFault(409, {
      code: 'Conflict',
      message: 'The saved search exists already and the etag sent is not its own.',
    });
  }
  const name = call.params['name'] ?? '';
  const account = tx.get<{ accountIds: string[] }>(
    'linkedStorageAccounts',
    `${workspace.id}/linkedStorageAccounts/Query`,
  );
  const accountId = account?.accountIds[0];
  const search: SavedSearch = {
    id: `${workspace.id}/savedSearches/${name}`,
    workspaceId: workspace.id,
    name,
    etag: `W/"datetime'${randomUUID()}'"`,
    properties: { version: 2, ...properties },
    ...(accountId !== undefined && { accountId }),
  };
  tx.put(COLLECTION, search.id, search);
  tx.note('saved search written');
  return { status: 200, body: toArm(search) };
}

function remove(call: Call): Answer {
  requireLinkedWorkspace(call);
  const found = find(call);
  if (!found) return { status: 204 };
  call.tx.remove(COLLECTION, found.id);
  call.tx.note('saved search deleted');
  return { status: 200 };
}

function toArm({ id, name, etag, properties }: SavedSearch): object {
  return { id, name, type: TYPE, etag, properties };
}
