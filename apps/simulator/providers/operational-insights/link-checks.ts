import { requireLinkedRight } from '../../arm/linked-scope.ts';
import type { Call } from '../../route.ts';
import { isSwitchedOn } from '../../settings.ts';
import { refuse } from './cluster-checks.ts';
import { CLUSTER_WRITE } from './cluster-identity.ts';
import { findCluster, findLink, linksOf } from './documents.ts';
import type { Cluster, LinkedService, Workspace } from './documents.ts';
import { limits } from './rules.ts';

/** The cluster id of a link's body; DC21 spells the member with a capital W. */
export function readTarget(call: Call): string {
  const { body } = call;
  if (typeof body !== 'object' || body === null) {
    throw refuse('BadRequest', 'The body of the request is null or in bad format.');
  }
  const { properties } = body as { properties?: Record<string, unknown> };
  const member = Object.entries(properties ?? {}).find(
    ([name]) => name.toLowerCase() === 'writeaccessresourceid',
  );
  const target = member?.[1];
  if (typeof target === 'string' && target !== '') return target;
  throw refuse(
    'InvalidParameter',
    'The linked service needs properties.writeAccessResourceId, the resource id of the cluster.',
    'properties.writeAccessResourceId',
  );
}

/**
 * Whether the workspace may be linked to that cluster: it exists (R120), the caller may write it, same region (R77),
 * linked nowhere else (R72, C13), room on the cluster (R70), and a link left in thirty days (R71). Linking to a cluster
 * that is still being created is accepted, as by the service: what is ingested through it is lost (R38).
 */
export function checkLink(
  call: Call,
  wanted: { workspace: Workspace; clusterId: string },
): Cluster {
  const { workspace, clusterId } = wanted;
  const cluster = requireTarget(call, clusterId);
  requireLinkedRight(call, {
    own: 'Microsoft.OperationalInsights/workspaces/linkedServices/write',
    action: CLUSTER_WRITE,
    resource: cluster.id,
  });
  if (cluster.location !== workspace.location) {
    throw refuse(
      'BadRequest',
      `Workspace '${workspace.name}' is in region '${workspace.location}' and cannot be linked to cluster '${cluster.name}' in region '${cluster.location}'.`,
    );
  }
  const present = findLink(call.tx, workspace.id);
  if (present && isLinkTo(present, cluster.id)) return cluster;
  if (present && !isSwitchedOn(call.tx, 'direct-relinks')) {
    throw refuse(
      'BadRequest',
      'Workspace is already linked to another cluster. Unlink it before linking it to this one.',
    );
  }
  checkRoom(call, cluster);
  checkBudget(call, workspace);
  return cluster;
}

/** Whether a link leads to that cluster, compared as ids are. */
export function isLinkTo(link: LinkedService, clusterId: string): boolean {
  return link.clusterId.toLowerCase() === clusterId.toLowerCase();
}

/** R120. */
function requireTarget(call: Call, clusterId: string): Cluster {
  const cluster = findCluster(call.tx, clusterId);
  if (cluster && cluster.provisioningState !== 'Deleting') return cluster;
  throw refuse(
    'BadRequest',
    'Cluster not found, the cluster you specified doesn’t exist or was deleted. If you try to create a cluster with that name and get conflict, the cluster is in soft-delete for 14 days. You can contact support to recover it.',
  );
}

function checkRoom(call: Call, cluster: Cluster): void {
  if (linksOf(call.tx, cluster.id).length < limits.workspacesPerCluster) return;
  throw refuse(
    'BadRequest',
    `The cluster has reached its limit of ${limits.workspacesPerCluster} linked workspaces.`,
  );
}

function checkBudget(call: Call, workspace: Workspace): void {
  const since = call.tx.now - limits.linkWindow;
  const spent = workspace.linkedAt.filter((at) => at > since).length;
  if (spent < limits.linksPerWindow) return;
  throw refuse(
    'BadRequest',
    `Workspace '${workspace.name}' has reached the limit of ${limits.linksPerWindow} link operations in 30 days.`,
  );
}
