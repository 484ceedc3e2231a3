import { activityOrigin } from '../../arm/activity-log.ts';
import { requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { clusterBody, isLegacy } from './cluster-body.ts';
import { checkName, readClusterInput } from './cluster-checks.ts';
import { deleteClusterNow } from './cluster-effects.ts';
import { CLUSTER_WRITE } from './cluster-identity.ts';
import { createCluster } from './create-cluster.ts';
import { findCluster, listClusters, removeCluster, saveCluster } from './documents.ts';
import type { Cluster } from './documents.ts';
import { accepted, beginOperation, requireOperation } from './operations.ts';
import { durations, rulesOf } from './rules.ts';
import { patchCluster, replaceCluster } from './update-cluster.ts';

const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const LIST = 'providers/Microsoft.OperationalInsights/clusters';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroup}`;
const CLUSTER = `${GROUP}/${LIST}/{name}`;
const CLUSTER_READ = 'Microsoft.OperationalInsights/clusters/read';
const CLUSTER_DELETE = 'Microsoft.OperationalInsights/clusters/delete';

const apiVersions: readonly string[] = [
  '2020-03-01-preview',
  '2020-08-01',
  '2020-10-01',
  '2021-06-01',
  '2022-10-01',
  '2023-09-01',
  '2025-02-01',
  '2025-04-01',
  '2025-07-01',
];

/** Microsoft.OperationalInsights/clusters. */
export const clusterRoutes: readonly Route[] = [
  route('GET', `${SUBSCRIPTION}/${LIST}`, { action: CLUSTER_READ, handle: listInSubscription }),
  route('GET', `${GROUP}/${LIST}`, { action: CLUSTER_READ, handle: listInGroup }),
  route('GET', CLUSTER, { action: CLUSTER_READ, handle: getCluster }),
  route('PUT', CLUSTER, { action: CLUSTER_WRITE, handle: putCluster }),
  route('PATCH', CLUSTER, {
    action: CLUSTER_WRITE,
    handle: (call) => patchCluster(call, requireCluster(call), readClusterInput(call)),
  }),
  route('DELETE', CLUSTER, { action: CLUSTER_DELETE, handle: deleteCluster }),
  route('GET', `${CLUSTER}/operationresults/{operationId}`, {
    action: CLUSTER_READ,
    handle: answerResult,
  }),
];

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  const { handle } = rest;
  return {
    service: 'arm',
    method,
    path,
    apiVersions,
    ...rest,
    handle: async (call) => withVersions(await handle(call)),
  };
}

function withVersions(answer: Answer): Answer {
  const supported = apiVersions.filter((version) => !version.endsWith('preview')).join(', ');
  return { ...answer, headers: { 'api-supported-versions': supported, ...answer.headers } };
}

/** The id as the service spells it, whatever case the path had. */
function clusterIdOf(call: Call): string {
  const { subscriptionId, name } = call.params;
  const group = requireGroup(call);
  return `/subscriptions/${subscriptionId}/resourceGroups/${group.name}/${LIST}/${name}`;
}

/** R116; the support offer is gone today. */
function requireCluster(call: Call): Cluster {
  const cluster = findCluster(call.tx, clusterIdOf(call));
  if (cluster) return cluster;
  const text =
    'Cluster not found, the cluster may have been deleted. If you try to create a cluster with that name and get conflict, the cluster is in';
  const rest =
    rulesOf(call.tx).name === '2021'
      ? 'soft-delete for 14 days. You can contact support to recover it, or use another name to create a new cluster.'
      : 'the process of deletion. Use another name to create a new cluster.';
  throw new AzureFault(404, { code: 'ResourceNotFound', message: `${text} ${rest}` });
}

function getCluster(call: Call): Answer {
  return { status: 200, body: clusterBody(call.tx, requireCluster(call), call.apiVersion) };
}

function listInSubscription(call: Call): Answer {
  const subscriptionId = (call.params['subscriptionId'] ?? '').toLowerCase();
  return answerList(call, (cluster) => cluster.subscriptionId.toLowerCase() === subscriptionId);
}

function listInGroup(call: Call): Answer {
  const group = requireGroup(call);
  const prefix = `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}/`;
  return answerList(call, ({ id }) => id.toLowerCase().startsWith(prefix.toLowerCase()));
}

function answerList(call: Call, wanted: (cluster: Cluster) => boolean): Answer {
  const clusters = listClusters(call.tx).filter(wanted);
  const value = clusters.map((cluster) => clusterBody(call.tx, cluster, call.apiVersion));
  return { status: 200, body: { value } };
}

function putCluster(call: Call): Answer {
  const id = clusterIdOf(call);
  const input = readClusterInput(call);
  const cluster = findCluster(call.tx, id);
  if (cluster && cluster.provisioningState !== 'Failed') {
    return replaceCluster(call, cluster, input);
  }
  // What failed to be created is created anew.
  if (cluster) removeCluster(call.tx, id);
  checkName(call.params['name'] ?? '');
  return createCluster(call, id, input);
}

/** At once and 200 in the seed's time, an operation later; never while another one runs (R117, R144-R149). */
function deleteCluster(call: Call): Answer {
  const { tx } = call;
  const cluster = findCluster(tx, clusterIdOf(call));
  if (!cluster) return { status: 204 };
  if (cluster.provisioningState !== 'Succeeded' && cluster.provisioningState !== 'Failed') {
    throw new AzureFault(409, {
      code: 'Conflict',
      message:
        "Can't delete a cluster while in provisioning state. Wait for the Async operation to complete and try again.",
    });
  }
  tx.note('cluster deletion accepted');
  if (isLegacy(call.apiVersion)) {
    deleteClusterNow(tx, cluster);
    return { status: 200 };
  }
  const operation = beginOperation(call, {
    kind: 'deleteCluster',
    location: cluster.location,
    resourceId: cluster.id,
    activity: activityOrigin(call, CLUSTER_DELETE),
    durationMs: durations.deleteCluster,
    effect: 'cluster deleted',
    args: { clusterId: cluster.id },
  });
  saveCluster(tx, { ...cluster, provisioningState: 'Deleting', operationId: operation.id });
  return accepted(call, operation);
}

/** 202 while running, then the cluster, or 204 after a deletion. */
function answerResult(call: Call): Answer {
  const operation = requireOperation(call);
  if (operation.status === 'InProgress') return accepted(call, operation);
  if (operation.kind === 'deleteCluster') return { status: 204 };
  return getCluster(call);
}
