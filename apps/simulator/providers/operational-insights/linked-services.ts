import { activityOrigin } from '../../arm/activity-log.ts';
import { AzureFault } from '../../azure-fault.ts';
import { defineEffect } from '../../effects.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { checkLink, isLinkTo, readTarget } from './link-checks.ts';
import {
  findDeletedWorkspace,
  findLink,
  findWorkspace,
  removeLink,
  saveLink,
  saveWorkspace,
} from './documents.ts';
import type { LinkedService } from './documents.ts';
import {
  LINK_FAILED,
  accepted,
  beginOperation,
  endOperation,
  operationHeaders,
  requireOperation,
} from './operations.ts';
import { durations, limits } from './rules.ts';
import { requireLinkedWorkspace } from './workspace-place.ts';
import { workspaceVersions } from './workspaces.ts';

const LINKS =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/linkedServices';
/** Only the link to a cluster is served; Automation's has the same shape and another name. */
const LINK = `${LINKS}/cluster`;
const TYPE = 'Microsoft.OperationalInsights/workspaces/linkedServices';

interface Running {
  readonly workspaceId: string;
  readonly operationId: string;
}

defineEffect('workspace linked', (tx, { workspaceId, operationId }: Running) => {
  const link = findLink(tx, workspaceId);
  if (link?.operationId === operationId) {
    saveLink(tx, { ...link, state: 'linked', linkedSince: tx.now });
    endOperation(tx, operationId);
    return;
  }
  endOperation(tx, operationId, {
    code: 'Conflict',
    message: 'The cluster was deleted while the workspace was being linked to it.',
  });
});

defineEffect('workspace unlinked', (tx, { workspaceId, operationId }: Running) => {
  if (findLink(tx, workspaceId)?.operationId === operationId) removeLink(tx, workspaceId);
  endOperation(tx, operationId);
});

defineEffect(LINK_FAILED, (tx, { workspaceId, operationId }: Running) => {
  const link = findLink(tx, workspaceId);
  if (link?.operationId === operationId) {
    if (link.state === 'linking') removeLink(tx, workspaceId);
    else saveLink(tx, { ...link, state: 'linked' });
  }
  endOperation(tx, operationId);
});

/** Microsoft.OperationalInsights/workspaces/linkedServices, as far as clusters go. */
export const linkedServiceRoutes: readonly Route[] = [
  route('GET', LINKS, { action: `${TYPE}/read`, handle: list }),
  route('GET', LINK, { action: `${TYPE}/read`, handle: get }),
  route('PUT', LINK, { action: `${TYPE}/write`, handle: link }),
  route('DELETE', LINK, { action: `${TYPE}/delete`, handle: unlink }),
  route('GET', `${LINK}/operationresults/{operationId}`, {
    action: `${TYPE}/read`,
    handle: answerResult,
  }),
];

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  return { service: 'arm', method, path, apiVersions: workspaceVersions, ...rest };
}

function list(call: Call): Answer {
  const found = findLink(call.tx, requireLinkedWorkspace(call).id);
  return { status: 200, body: { value: found ? [linkBody(call, found)] : [] } };
}

function get(call: Call): Answer {
  const found = findLink(call.tx, requireLinkedWorkspace(call).id);
  if (found) return { status: 200, body: linkBody(call, found) };
  throw new AzureFault(404, { code: 'NotFound', message: '' });
}

/** PUT: accepted at once, in effect after its time; every accepted one spends the budget (R69-R74). */
function link(call: Call): Answer {
  const { tx } = call;
  const workspace = requireLinkedWorkspace(call);
  const present = findLink(tx, workspace.id);
  refuseWhileRunning(present);
  const clusterId = readTarget(call);
  const cluster = checkLink(call, { workspace, clusterId });
  if (present && isLinkTo(present, cluster.id))
    return { status: 200, body: linkBody(call, present) };
  const operation = beginOperation(call, {
    kind: 'link',
    location: workspace.location,
    resourceId: `${workspace.id}/linkedservices/cluster`,
    activity: activityOrigin(call, `${TYPE}/write`),
    durationMs: durations.link,
    effect: 'workspace linked',
    args: { workspaceId: workspace.id },
  });
  const stored = saveLink(tx, {
    workspaceId: workspace.id,
    clusterId: cluster.id,
    state: 'linking',
    operationId: operation.id,
  });
  const recent = workspace.linkedAt.filter((at) => at > tx.now - limits.linkWindow);
  saveWorkspace(tx, { ...workspace, linkedAt: [...recent, tx.now] });
  tx.note('link accepted');
  if (!answersWithBody(call)) return accepted(call, operation);
  return withBody(call, { link: stored, headers: operationHeaders(call, operation) });
}

function unlink(call: Call): Answer {
  const { tx } = call;
  const workspace = requireLinkedWorkspace(call);
  const present = findLink(tx, workspace.id);
  if (!present) return { status: 204 };
  refuseWhileRunning(present);
  const operation = beginOperation(call, {
    kind: 'unlink',
    location: workspace.location,
    resourceId: `${workspace.id}/linkedservices/cluster`,
    activity: activityOrigin(call, `${TYPE}/delete`),
    durationMs: durations.unlink,
    effect: 'workspace unlinked',
    args: { workspaceId: workspace.id },
  });
  saveLink(tx, { ...present, state: 'unlinking', operationId: operation.id });
  tx.note('unlink accepted');
  if (!answersWithBody(call)) return accepted(call, operation);
  return withBody(call, { link: present, headers: operationHeaders(call, operation) });
}

/** R119, R122. */
function refuseWhileRunning(present: LinkedService | undefined): void {
  if (!present || present.state === 'linked') return;
  throw new AzureFault(409, {
    code: 'Conflict',
    message: 'Workspace link or unlink operation in process.',
  });
}

/** In 2020 both answered 200 with a body while the work went on (R173). */
function answersWithBody(call: Call): boolean {
  return call.apiVersion < '2021-01-01';
}

function withBody(
  call: Call,
  given: { link: LinkedService; headers: Record<string, string> },
): Answer {
  const { location: _unknownThen, ...headers } = given.headers;
  return { status: 200, headers, body: linkBody(call, given.link) };
}

/** 202 while running; then the link, or 204 after an unlink. */
function answerResult(call: Call): Answer {
  const operation = requireOperation(call);
  if (operation.status === 'InProgress') return accepted(call, operation);
  return operation.kind === 'unlink' ? { status: 204 } : get(call);
}

const states = { linking: 'ProvisioningAccount', linked: 'Succeeded', unlinking: 'Deleting' };

/** Ids come back in lower case; the name carries the workspace in 2020 (recordings). */
function linkBody(call: Call, { workspaceId, clusterId, state }: LinkedService): object {
  const workspace =
    findWorkspace(call.tx, workspaceId) ?? findDeletedWorkspace(call.tx, workspaceId)?.workspace;
  return {
    properties: {
      writeAccessResourceId: clusterId.toLowerCase(),
      provisioningState: states[state],
    },
    id: `${workspaceId}/linkedservices/cluster`.toLowerCase(),
    name: call.apiVersion < '2021-01-01' ? `${workspace?.name}/Cluster` : 'Cluster',
    type: TYPE,
  };
}
