import { AzureFault } from '../../azure-fault.ts';
import { bindKey, dropStorage, validateKey } from '../../cluster-storage.ts';
import { defineEffect } from '../../effects.ts';
import { removePrincipal } from '../../entra/directory.ts';
import { settleAccess } from '../../storage/access.ts';
import type { Transaction } from '../../store.ts';
import { establishIdentity } from './cluster-identity.ts';
import type { KeyChange } from './cluster-key.ts';
import {
  findCluster,
  linksOf,
  removeCluster,
  removeDeletedCluster,
  removeLink,
  saveCluster,
  saveDeletedCluster,
} from './documents.ts';
import type { Cluster, ClusterIdentity, KeyProperties } from './documents.ts';
import { CLUSTER_FAILED, endOperation } from './operations.ts';
import { limits } from './rules.ts';

/** What a running update will change; the identity is resolved, its system principal not yet made. */
export interface ClusterUpdate {
  readonly clusterId: string;
  readonly key?: Exclude<KeyChange, undefined>;
  readonly identity?: ClusterIdentity;
}

interface Running {
  readonly clusterId: string;
  readonly operationId: string;
}

const noKey = { keyVaultUri: '', keyName: '', keyVersion: '' };

defineEffect('cluster created', (tx, { clusterId, operationId }: Running) => {
  const cluster = findCluster(tx, clusterId);
  if (!cluster) return;
  const identity = establishIdentity(tx, cluster, cluster.identity);
  saveCluster(tx, { ...settled(cluster), identity, modifiedAt: tx.now });
  const refused = cluster.pendingKey ? bind(tx, cluster.id, cluster.pendingKey) : undefined;
  endOperation(tx, operationId, refused);
});

defineEffect('cluster updated', (tx, update: ClusterUpdate & Running) => {
  const cluster = findCluster(tx, update.clusterId);
  if (!cluster) return;
  const identity = update.identity
    ? establishIdentity(tx, cluster, update.identity)
    : cluster.identity;
  saveCluster(tx, { ...settled(cluster), identity });
  settleAccess(tx);
  endOperation(tx, update.operationId, applyKey(tx, cluster.id, update.key));
});

defineEffect('cluster deleted', (tx, { clusterId, operationId }: Running) => {
  const cluster = findCluster(tx, clusterId);
  if (!cluster) return;
  deleteClusterNow(tx, cluster);
  endOperation(tx, operationId);
});

/** A creation that fails leaves a failed cluster; any other work leaves the cluster as it was. */
defineEffect(CLUSTER_FAILED, (tx, { clusterId, operationId }: Running) => {
  const cluster = findCluster(tx, clusterId);
  if (cluster) {
    const state = cluster.provisioningState === 'Creating' ? 'Failed' : 'Succeeded';
    saveCluster(tx, { ...settled(cluster), provisioningState: state });
  }
  endOperation(tx, operationId);
});

defineEffect('cluster name released', (tx, { id }: { id: string }) => removeDeletedCluster(tx, id));

/** Unlinks every workspace, forgets the data, and reserves the name for fourteen days (R144-R146). */
export function deleteClusterNow(tx: Transaction, cluster: Cluster): void {
  for (const link of linksOf(tx, cluster.id)) removeLink(tx, link.workspaceId);
  dropStorage(tx, cluster.id);
  removeCluster(tx, cluster.id);
  const { type, principalId } = cluster.identity;
  if (type === 'SystemAssigned' && principalId) removePrincipal(tx, principalId);
  const { id, name, subscriptionId, location } = cluster;
  const releaseAt = tx.now + limits.softDelete;
  saveDeletedCluster(tx, { id, name, subscriptionId, location, deletedAt: tx.now, releaseAt });
  tx.at(releaseAt, 'cluster name released', { id });
}

function applyKey(
  tx: Transaction,
  clusterId: string,
  key: KeyChange,
): { code: string; message: string } | undefined {
  if (key === undefined) return undefined;
  if (key !== 'clear') return bind(tx, clusterId, key);
  const cluster = findCluster(tx, clusterId);
  if (!cluster) return undefined;
  const { key: _cleared, ...rest } = cluster;
  saveCluster(tx, rest);
  bindKey(tx, clusterId, noKey);
  return undefined;
}

/** Checks the key once more, as wrapping with it does, and puts it in force; the refusal leaves the old one. */
function bind(
  tx: Transaction,
  clusterId: string,
  key: KeyProperties,
): { code: string; message: string } | undefined {
  try {
    validateKey(tx, clusterId, key);
  } catch (error) {
    if (!(error instanceof AzureFault)) throw error;
    return { code: error.code, message: error.message };
  }
  const cluster = findCluster(tx, clusterId);
  if (cluster) saveCluster(tx, { ...cluster, key });
  bindKey(tx, clusterId, key);
  return undefined;
}

function settled(cluster: Cluster): Cluster {
  const { pendingKey: _bound, operationId: _ended, ...rest } = cluster;
  return { ...rest, provisioningState: 'Succeeded' };
}
