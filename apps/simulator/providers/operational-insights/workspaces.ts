import { normalRegion, requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import { defineEffect } from '../../effects.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { readTags, refuse } from './cluster-checks.ts';
import {
  findDeletedWorkspace,
  findWorkspace,
  linkedClusterId,
  listDeletedWorkspaces,
  listWorkspaces,
  removeDeletedWorkspace,
  removeLink,
  removeWorkspace,
  saveDeletedWorkspace,
  saveWorkspace,
} from './documents.ts';
import type { Workspace } from './documents.ts';
import { newWorkspace } from './new-workspace.ts';
import { durations, isRegion, limits } from './rules.ts';
import { isOldWorkspaceVersion, workspaceBody } from './workspace-body.ts';
import { identityOfBody } from './workspace-identity.ts';
import { workspaceIdOf } from './workspace-place.ts';

const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}`;
const PROVIDER = 'providers/Microsoft.OperationalInsights';
const WORKSPACE = `${GROUP}/${PROVIDER}/workspaces/{workspace}`;
const TYPE = 'Microsoft.OperationalInsights/workspaces';

/** Every version that the clients in use send for workspaces and what lies under them. */
export const workspaceVersions: readonly string[] = [
  '2015-11-01-preview',
  '2020-03-01-preview',
  '2020-08-01',
  '2020-10-01',
  '2021-06-01',
  '2021-12-01-preview',
  '2022-10-01',
  '2023-09-01',
  '2025-02-01',
  '2025-07-01',
];

defineEffect('workspace created', (tx, { id }: { id: string }) => {
  const workspace = findWorkspace(tx, id);
  if (workspace) saveWorkspace(tx, { ...workspace, provisioningState: 'Succeeded' });
});

defineEffect('workspace purged', (tx, { id }: { id: string }) => {
  const deleted = findDeletedWorkspace(tx, id);
  if (!deleted || deleted.releaseAt > tx.now) return;
  removeDeletedWorkspace(tx, id);
  removeLink(tx, id);
});

const workspaceShape = {
  location: 'text',
  properties: { sku: { name: 'text' }, retentionInDays: 'number' },
} as const;

/** Microsoft.OperationalInsights/workspaces and the deleted ones. */
export const workspaceRoutes: readonly Route[] = [
  route('GET', `${SUBSCRIPTION}/${PROVIDER}/workspaces`, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${GROUP}/${PROVIDER}/workspaces`, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${SUBSCRIPTION}/${PROVIDER}/deletedWorkspaces`, {
    action: 'Microsoft.OperationalInsights/deletedWorkspaces/read',
    handle: listDeleted,
  }),
  route('GET', `${GROUP}/${PROVIDER}/deletedWorkspaces`, {
    action: 'Microsoft.OperationalInsights/deletedWorkspaces/read',
    handle: listDeleted,
  }),
  route('GET', WORKSPACE, {
    action: `${TYPE}/read`,
    handle: (call) => ({ status: 200, body: bodyOf(call, requireWorkspace(call)) }),
  }),
  route('PUT', WORKSPACE, { action: `${TYPE}/write`, body: workspaceShape, handle: put }),
  route('PATCH', WORKSPACE, {
    action: `${TYPE}/write`,
    body: workspaceShape,
    handle: (call) => update(call, requireWorkspace(call)),
  }),
  route('DELETE', WORKSPACE, { action: `${TYPE}/delete`, handle: remove }),
];

function route(
  method: string,
  path: string,
  rest: Pick<Route, 'action' | 'body' | 'handle'>,
): Route {
  return { service: 'arm', method, path, apiVersions: workspaceVersions, ...rest };
}

function requireWorkspace(call: Call): Workspace {
  const workspace = findWorkspace(call.tx, workspaceIdOf(call));
  if (workspace) return workspace;
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource 'Microsoft.OperationalInsights/workspaces/${call.params['workspace']}' under resource group '${call.params['resourceGroup']}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

function bodyOf(call: Call, workspace: Workspace): object {
  return workspaceBody(call.tx, workspace, call.apiVersion);
}

/** Whether a resource lies in the group, or else the subscription, of the path. */
function isInScope(call: Call, id: string): boolean {
  const { subscriptionId, resourceGroup } = call.params;
  const group = resourceGroup === undefined ? '' : `resourceGroups/${requireGroup(call).name}/`;
  const prefix = `/subscriptions/${subscriptionId}/${group}`;
  return id.toLowerCase().startsWith(prefix.toLowerCase());
}

function list(call: Call): Answer {
  const found = listWorkspaces(call.tx).filter(({ id }) => isInScope(call, id));
  return { status: 200, body: { value: found.map((workspace) => bodyOf(call, workspace)) } };
}

function listDeleted(call: Call): Answer {
  const found = listDeletedWorkspaces(call.tx).filter(({ workspace }) =>
    isInScope(call, workspace.id),
  );
  const value = found.map(({ workspace }) => bodyOf(call, workspace));
  return { status: 200, body: { value } };
}

interface WorkspaceInput {
  readonly location?: string;
  readonly tags?: unknown;
  readonly identity?: unknown;
  readonly properties?: { readonly sku?: { readonly name?: string }; retentionInDays?: number };
}

/** Creates, updates, or brings a deleted workspace back, still linked if it was (R79). */
function put(call: Call): Answer {
  const { tx } = call;
  const id = workspaceIdOf(call);
  const known = findWorkspace(tx, id);
  if (known) return update(call, known);
  const input = readInput(call);
  const location = normalRegion(input.location ?? '');
  if (!isRegion(location)) {
    throw refuse(
      location === '' ? 'LocationRequired' : 'LocationNotAvailableForResourceType',
      location === ''
        ? 'The location property is required for this definition.'
        : `The provided location '${location}' is not available for resource type '${TYPE}'.`,
    );
  }
  const deleted = findDeletedWorkspace(tx, id);
  if (deleted) return recover(call, deleted.workspace, location);
  const place = {
    subscriptionId: call.params['subscriptionId'] ?? '',
    resourceGroup: requireGroup(call).name,
    name: call.params['workspace'] ?? '',
    location,
  };
  const workspace = saveWorkspace(tx, {
    ...newWorkspace(tx, place),
    ...settingsOf(call, input, place),
  });
  tx.afterWork(durations.createWorkspace, 'workspace created', { id });
  tx.note('workspace created');
  const headers: Record<string, string> = isOldWorkspaceVersion(call.apiVersion)
    ? {}
    : { location: `${call.origin}${id}?api-version=${call.apiVersion}` };
  return { status: 201, headers, body: bodyOf(call, workspace) };
}

function recover(call: Call, workspace: Workspace, location: string): Answer {
  if (location !== workspace.location) throw elsewhere(workspace, location);
  removeDeletedWorkspace(call.tx, workspace.id);
  const restored = saveWorkspace(call.tx, { ...workspace, modifiedAt: call.tx.now });
  call.tx.note('workspace recovered');
  return { status: 200, body: bodyOf(call, restored) };
}

function update(call: Call, workspace: Workspace): Answer {
  const input = readInput(call);
  const location = normalRegion(input.location ?? workspace.location);
  if (location !== workspace.location) throw elsewhere(workspace, location);
  const settings = settingsOf(call, input, workspace);
  const linked = linkedClusterId(call.tx, workspace.id) !== undefined;
  const asked = settings.sku?.toLowerCase();
  if (linked && asked !== undefined && asked !== 'lacluster') {
    throw refuse('BadRequest', 'sku.name can not be changed while workspace is linked to cluster');
  }
  const { sku = workspace.sku, ...rest } = settings;
  const stored = saveWorkspace(call.tx, {
    ...workspace,
    ...rest,
    sku: linked ? workspace.sku : sku,
    modifiedAt: call.tx.now,
  });
  call.tx.note('workspace updated');
  return { status: 200, body: bodyOf(call, stored) };
}

function settingsOf(
  call: Call,
  input: WorkspaceInput,
  workspace: Pick<Workspace, 'name' | 'identity'>,
): Partial<Pick<Workspace, 'sku' | 'tags' | 'retentionInDays' | 'lastSkuUpdateAt' | 'identity'>> {
  const identity = identityOfBody(call.tx, input.identity, workspace);
  const sku = input.properties?.sku?.name;
  const tags = readTags({ tags: input.tags });
  const retentionInDays = input.properties?.retentionInDays;
  return {
    ...(sku === undefined ? {} : { sku, lastSkuUpdateAt: call.tx.now }),
    ...(tags === undefined ? {} : { tags }),
    ...(identity === undefined ? {} : { identity }),
    ...(typeof retentionInDays === 'number' ? { retentionInDays } : {}),
  };
}

/** Soft for fourteen days, or for good with `force`; the link of a soft-deleted workspace stays (R79). */
function remove(call: Call): Answer {
  const { tx } = call;
  const workspace = findWorkspace(tx, workspaceIdOf(call));
  if (!workspace) return { status: 204 };
  removeWorkspace(tx, workspace.id);
  if (call.query.get('force') === 'true') {
    removeLink(tx, workspace.id);
    tx.note('workspace purged');
    return { status: 200 };
  }
  const releaseAt = tx.now + limits.softDelete;
  saveDeletedWorkspace(tx, { workspace, deletedAt: tx.now, releaseAt });
  tx.at(releaseAt, 'workspace purged', { id: workspace.id });
  tx.note('workspace deleted');
  return { status: 200 };
}

function readInput(call: Call): WorkspaceInput {
  if (typeof call.body === 'object' && call.body !== null) return call.body;
  throw refuse('InvalidRequestContent', 'The request content was invalid and could not be read.');
}

function elsewhere(workspace: Workspace, location: string): AzureFault {
  return new AzureFault(409, {
    code: 'InvalidResourceLocation',
    message: `The resource '${workspace.name}' already exists in location '${workspace.location}' in resource group '${workspace.resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  });
}
