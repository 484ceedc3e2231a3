import { activityOrigin } from '../../arm/activity-log.ts';
import { AzureFault } from '../../azure-fault.ts';
import { validateKey } from '../../cluster-storage.ts';
import type { Answer, Call } from '../../route.ts';
import { isSwitchedOn } from '../../settings.ts';
import { clusterBody, isLegacy } from './cluster-body.ts';
import {
  checkCapacityLock,
  checkIdle,
  checkReadOnly,
  checkSku,
  readBillingType,
  readLocation,
  readTags,
  refuse,
} from './cluster-checks.ts';
import type { ClusterInput } from './cluster-checks.ts';
import type { ClusterUpdate } from './cluster-effects.ts';
import {
  CLUSTER_WRITE,
  isSameIdentity,
  notSingle,
  readIdentity,
  resolveIdentity,
} from './cluster-identity.ts';
import type { WantedIdentity } from './cluster-identity.ts';
import { isSameKey, readKeyChange } from './cluster-key.ts';
import type { KeyChange } from './cluster-key.ts';
import { saveCluster } from './documents.ts';
import type { Cluster } from './documents.ts';
import { accepted, beginOperation, operationHeaders } from './operations.ts';
import { durations, rulesOf } from './rules.ts';

/** PATCH: what is named changes; sku, tags and billing at once, key and identity in an operation (R53-R66). */
export function patchCluster(call: Call, cluster: Cluster, input: ClusterInput): Answer {
  checkIdle(cluster, 'PATCH');
  checkReadOnly(input);
  checkFixed(cluster, input);
  const capacity =
    input.sku === undefined || input.sku === null ? cluster.capacity : checkSku(call, input.sku);
  checkCapacityLock(call, cluster, capacity);
  const wanted = readIdentity(input);
  const key = readKeyChange(input);
  const both = wanted !== undefined && key !== undefined;
  if (both && (rulesOf(call.tx).strictCreation || !isSameIdentity(cluster, wanted))) {
    throw keyWithIdentity();
  }
  const changed = {
    ...cluster,
    ...newCapacity(call, cluster, capacity),
    tags: readTags(input) ?? cluster.tags,
    billingType: readBillingType(input) ?? cluster.billingType,
  };
  return apply(call, changed, { wanted: changedIdentity(cluster, wanted), key });
}

/** PUT on an existing cluster: the body is the whole of it, what is left out falls back (R165, 1.4). */
export function replaceCluster(call: Call, cluster: Cluster, input: ClusterInput): Answer {
  checkIdle(cluster, 'PUT');
  checkSameLocation(cluster, input);
  checkReadOnly(input);
  checkFixed(cluster, input);
  const capacity = checkSku(call, input.sku);
  checkCapacityLock(call, cluster, capacity);
  const wanted = readIdentity(input);
  if (wanted === undefined) throw missingIdentity(call);
  const asked = readKeyChange(input);
  const key = isSameKey(cluster, asked) ? undefined : asked;
  const identity = changedIdentity(cluster, wanted);
  if (key !== undefined && identity !== undefined) throw keyWithIdentity();
  const changed = {
    ...cluster,
    ...newCapacity(call, cluster, capacity),
    tags: readTags(input) ?? {},
    billingType: readBillingType(input) ?? 'Cluster',
  };
  return apply(call, changed, { wanted: identity, key });
}

/** Stores the immediate part and answers, or begins the operation for the rest. */
function apply(
  call: Call,
  changed: Cluster,
  rest: { wanted: WantedIdentity; key: KeyChange },
): Answer {
  const { tx } = call;
  const { wanted, key } = rest;
  if (wanted === undefined && key === undefined) {
    const stored = saveCluster(tx, { ...changed, modifiedAt: tx.now });
    tx.note('cluster updated');
    return { status: 200, body: clusterBody(tx, stored, call.apiVersion) };
  }
  if (key !== undefined && key !== 'clear') validateKey(tx, changed.id, key);
  if (wanted !== undefined && changed.identity.type === 'None') {
    throw refuse(
      'BadRequest',
      'The identity of this cluster was set to None. Contact support to restore its access.',
    );
  }
  const update: ClusterUpdate = {
    clusterId: changed.id,
    ...(key === undefined ? {} : { key }),
    ...(wanted === undefined ? {} : { identity: resolveIdentity(call, wanted) }),
  };
  return begin(call, changed, update);
}

function begin(call: Call, changed: Cluster, update: ClusterUpdate): Answer {
  const { tx, apiVersion } = call;
  const { key } = update;
  const keyDuration = call.method === 'PATCH' ? durations.patchKey : durations.putKey;
  const operation = beginOperation(call, {
    kind: 'updateCluster',
    location: changed.location,
    resourceId: changed.id,
    activity: activityOrigin(call, CLUSTER_WRITE),
    durationMs: key === undefined ? durations.patchIdentity : keyDuration,
    effect: 'cluster updated',
    args: update,
  });
  const stored = saveCluster(tx, {
    ...changed,
    provisioningState: 'Updating',
    operationId: operation.id,
    modifiedAt: tx.now,
    ...(key === undefined || key === 'clear' ? {} : { pendingKey: key }),
  });
  tx.note(key === undefined ? 'identity update accepted' : 'key update accepted');
  const wraps = isLegacy(apiVersion) || isSwitchedOn(tx, 'wrapped-key-updates');
  if (call.method === 'PUT' || !wraps) return accepted(call, operation);
  const { location: _unknownThen, ...headers } = operationHeaders(call, operation);
  const body = {
    message: 'The cluster upsert was successful',
    status: 0,
    cluster: clusterBody(tx, stored, apiVersion),
  };
  return { status: 200, headers, body };
}

function newCapacity(call: Call, cluster: Cluster, capacity: number): Partial<Cluster> {
  if (capacity === cluster.capacity) return {};
  return { capacity, lastSkuUpdateAt: call.tx.now };
}

function changedIdentity(cluster: Cluster, wanted: WantedIdentity): WantedIdentity {
  return isSameIdentity(cluster, wanted) ? undefined : wanted;
}

/** R41: decided once, at creation. */
function checkFixed(cluster: Cluster, input: ClusterInput): void {
  for (const name of ['isDoubleEncryptionEnabled', 'isAvailabilityZonesEnabled'] as const) {
    const asked = input.properties?.[name];
    if (typeof asked === 'boolean' && asked !== cluster[name]) {
      throw refuse(
        'BadRequest',
        `'properties.${name}' cannot be changed after cluster creation.`,
        `properties.${name}`,
      );
    }
  }
}

function checkSameLocation(cluster: Cluster, input: ClusterInput): void {
  const location = readLocation(input) ?? '';
  if (location === cluster.location) return;
  throw new AzureFault(409, {
    code: 'InvalidResourceLocation',
    message: `The resource '${cluster.name}' already exists in location '${cluster.location}' in resource group '${cluster.resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  });
}

function missingIdentity(call: Call): Error {
  if (!rulesOf(call.tx).strictCreation) return notSingle('');
  return refuse(
    'InvalidParameter',
    'Identity is null or empty. Set Identity with systemAssigned type.',
  );
}

/** R54: no source gives the text. */
function keyWithIdentity(): Error {
  return refuse(
    'BadRequest',
    'Identity and KeyVaultProperties cannot be updated in one operation. Update them in two consecutive operations.',
  );
}
