import { randomUUID } from 'node:crypto';
import { activityOrigin } from '../../arm/activity-log.ts';
import { requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import { createStorage, validateKey } from '../../cluster-storage.ts';
import type { Answer, Call } from '../../route.ts';
import {
  checkReadOnly,
  checkSku,
  readBillingType,
  readLocation,
  readTags,
  refuse,
} from './cluster-checks.ts';
import type { ClusterInput } from './cluster-checks.ts';
import { CLUSTER_WRITE, notSingle, readIdentity, resolveIdentity } from './cluster-identity.ts';
import type { WantedIdentity } from './cluster-identity.ts';
import { readKeyChange } from './cluster-key.ts';
import { findDeletedCluster, listClusters, listDeletedClusters, saveCluster } from './documents.ts';
import type { Cluster } from './documents.ts';
import { accepted, beginOperation } from './operations.ts';
import { durations, hasZones, isRegion, regionsWithoutDoubleEncryption, rulesOf } from './rules.ts';

/** PUT of a name that is not in use: everything is checked now, the work takes its time (R33-R45). */
export function createCluster(call: Call, id: string, input: ClusterInput): Answer {
  const { tx } = call;
  const location = requireLocation(input);
  refuseReservedName(call, id);
  checkReadOnly(input);
  const capacity = checkSku(call, input.sku);
  const wanted = checkIdentity(call, readIdentity(input));
  const key = readKeyChange(input);
  if (key !== undefined && rulesOf(tx).strictCreation) {
    throw refuse(
      'BadRequest',
      'KeyVaultProperties are set on creation. Update KeyVaultProperties after cluster creation.',
    );
  }
  const isDoubleEncryptionEnabled = checkDoubleEncryption(input, location);
  checkQuota(call, location);
  const identity = resolveIdentity(call, wanted);
  const operation = beginOperation(call, {
    kind: 'createCluster',
    location,
    resourceId: id,
    activity: activityOrigin(call, CLUSTER_WRITE),
    durationMs: durations.createCluster,
    effect: 'cluster created',
    args: { clusterId: id },
  });
  const cluster: Cluster = {
    id,
    name: call.params['name'] ?? '',
    subscriptionId: call.params['subscriptionId'] ?? '',
    resourceGroup: requireGroup(call).name,
    location,
    tags: readTags(input) ?? {},
    identity,
    capacity,
    billingType: readBillingType(input) ?? 'Cluster',
    isDoubleEncryptionEnabled,
    isAvailabilityZonesEnabled: wantsZones(input, location),
    clusterId: randomUUID(),
    provisioningState: 'Creating',
    operationId: operation.id,
    createdAt: tx.now,
    modifiedAt: tx.now,
    lastSkuUpdateAt: tx.now,
    ...(key === undefined || key === 'clear' ? {} : { pendingKey: key }),
  };
  saveCluster(tx, cluster);
  createStorage(tx, id);
  if (cluster.pendingKey) validateKey(tx, id, cluster.pendingKey);
  tx.note('cluster creation accepted');
  return accepted(call, operation);
}

function requireLocation(input: ClusterInput): string {
  const location = readLocation(input);
  if (location === undefined || location === '') {
    throw refuse(
      'LocationRequired',
      'The location property is required for this definition.',
      'location',
    );
  }
  if (isRegion(location)) return location;
  throw refuse(
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type 'Microsoft.OperationalInsights/clusters'.`,
  );
}

/** R124: the seed gives no text for the conflict. */
function refuseReservedName(call: Call, id: string): void {
  const reserved = findDeletedCluster(call.tx, id);
  if (!reserved || reserved.releaseAt <= call.tx.now) return;
  throw new AzureFault(409, {
    code: 'Conflict',
    message: `A cluster with the name '${reserved.name}' was deleted and is in soft-delete for 14 days. Use another name to create a new cluster.`,
  });
}

/** R107 in 2021: SystemAssigned only. Later: one type, which may be a user-assigned identity. */
function checkIdentity(call: Call, wanted: WantedIdentity): Exclude<WantedIdentity, undefined> {
  if (rulesOf(call.tx).strictCreation) {
    if (wanted?.type === 'SystemAssigned') return wanted;
    throw refuse(
      'InvalidParameter',
      'Identity is null or empty. Set Identity with systemAssigned type.',
    );
  }
  if (wanted === undefined || wanted.type === 'None') throw notSingle(wanted?.type ?? '');
  return wanted;
}

/** R39, R40: on by itself, refused where the region cannot, unless the body says no. */
function checkDoubleEncryption(input: ClusterInput, location: string): boolean {
  const asked = input.properties?.isDoubleEncryptionEnabled;
  if (asked === false) return false;
  if (!regionsWithoutDoubleEncryption.includes(location)) return true;
  throw refuse('BadRequest', `${location} doesn’t support Double Encryption for clusters.`);
}

function wantsZones(input: ClusterInput, location: string): boolean {
  return input.properties?.isAvailabilityZonesEnabled !== false && hasZones(location);
}

/** R42: no published text. */
function checkQuota(call: Call, location: string): void {
  const { tx } = call;
  const subscriptionId = (call.params['subscriptionId'] ?? '').toLowerCase();
  const here = (cluster: { subscriptionId: string; location: string }): boolean =>
    cluster.subscriptionId.toLowerCase() === subscriptionId && cluster.location === location;
  const { activeClusters, reservedClusters } = rulesOf(tx);
  const active = listClusters(tx).filter(here).length;
  const deleted = listDeletedClusters(tx)
    .filter(here)
    .filter(({ releaseAt }) => releaseAt > tx.now).length;
  if (active < activeClusters && active + deleted < reservedClusters) return;
  throw refuse(
    'QuotaExceeded',
    `The number of dedicated clusters in region '${location}' has reached its limit for this subscription: ${activeClusters} active, ${reservedClusters} including those deleted in the last 14 days.`,
  );
}
