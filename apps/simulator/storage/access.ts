import { defineEffect } from '../effects.ts';
import type { KeyRecord } from '../key-vault/key-documents.ts';
import { findCluster } from '../providers/operational-insights/documents.ts';
import type { Cluster } from '../providers/operational-insights/documents.ts';
import type { Transaction } from '../store.ts';
import { ACCESS_CHANGED } from './access-news.ts';
import { listStorages, saveStorage, findStorage } from './documents.ts';
import type { ClusterStorage, Reach, StorageAccess } from './documents.ts';
import { auditKeyUse, reachOf, wrapAccount } from './key-use.ts';

const MINUTE_MS = 60_000;
/** From the first denied unwrap until the data is out of reach: an hour or sooner (R82). */
const REVOCATION_MS = 10 * MINUTE_MS;
/** From the first successful unwrap until ingestion and queries go on: within thirty minutes (R87). */
const RESUMPTION_MS = 10 * MINUTE_MS;
/** Until a storage that follows the latest version takes up a new one (R93). */
const PICK_UP_MS = 60 * MINUTE_MS;

/**
 * Looks at every cluster's key and moves its access on. It is called after each change that may matter and when a
 * delayed one comes into force, so nothing has to be tried at intervals: between two calls nothing can change.
 */
export function settleAccess(tx: Transaction): void {
  for (const storage of listStorages(tx)) settleStorage(tx, storage);
}

defineEffect(ACCESS_CHANGED, settleAccess);

/** Moves one storage on and returns it as it stands. */
export function settleStorage(tx: Transaction, storage: ClusterStorage): ClusterStorage {
  const cluster = findCluster(tx, storage.clusterId);
  if (cluster === undefined || storage.binding === undefined) return storage;
  const followed = storage.pickUpDue ? followLatest(tx, cluster, storage) : storage;
  if (followed.binding === undefined) return followed;
  const seen = note(tx, cluster, followed, reachOf(tx, cluster, { ...followed.binding }));
  const next = moveOn(tx, cluster, seen);
  return next === storage ? storage : saveStorage(tx, next);
}

/** Tells the clusters that follow a key that it has a new version. */
export function announceVersion(tx: Transaction, key: KeyRecord): void {
  for (const { binding, clusterId } of listStorages(tx)) {
    const follows =
      binding?.followsLatest === true &&
      binding.vault.toLowerCase() === key.vault.toLowerCase() &&
      binding.keyName.toLowerCase() === key.name.toLowerCase();
    if (follows) tx.afterWork(PICK_UP_MS, 'newer key version seen', { clusterId });
  }
}

defineEffect('newer key version seen', (tx, { clusterId }: { clusterId: string }) => {
  const storage = findStorage(tx, clusterId);
  if (storage?.binding?.followsLatest !== true) return;
  settleStorage(tx, saveStorage(tx, { ...storage, pickUpDue: true }));
});

interface Deadline {
  clusterId: string;
  turn: number;
}

defineEffect('storage revoked', (tx, { clusterId, turn }: Deadline) => {
  const found = findStorage(tx, clusterId);
  const storage = found && settleStorage(tx, found);
  if (storage?.turn !== turn || storage.access !== 'revoking') return;
  const locked = findCluster(tx, clusterId)?.identity.type === 'None';
  saveStorage(tx, enter(tx, storage, locked ? 'locked' : 'revoked'));
  tx.note('data out of reach');
});

defineEffect('storage restored', (tx, { clusterId, turn }: Deadline) => {
  const found = findStorage(tx, clusterId);
  const storage = found && settleStorage(tx, found);
  if (storage?.turn !== turn || storage.access !== 'restoring') return;
  saveStorage(tx, enter(tx, storage, 'accessible'));
  tx.note('data within reach again');
});

/** Wraps every AEK with the latest version; stays with the old one, and tries again later, when that fails. */
function followLatest(tx: Transaction, cluster: Cluster, storage: ClusterStorage): ClusterStorage {
  const { binding } = storage;
  if (binding === undefined) return storage;
  try {
    const key = { ...binding, version: '' };
    const accounts = storage.accounts.map((account) => wrapAccount(tx, cluster, { account, key }));
    const version = accounts[0]?.wrapped?.kid.split('/').at(-1) ?? binding.version;
    auditKeyUse(tx, cluster, { key: { ...binding, version }, use: 'wrapKey', status: 200 });
    tx.note('newer key version followed');
    return { ...storage, accounts, binding: { ...binding, version }, pickUpDue: false };
  } catch {
    return storage;
  }
}

/** Remembers a change of what an unwrap meets, and logs the attempt that finds it out. */
function note(
  tx: Transaction,
  ...[cluster, storage, reach]: [Cluster, ClusterStorage, Reach]
): ClusterStorage {
  if (reach === storage.reach || storage.binding === undefined) return storage;
  if (reach !== 'outage') {
    const status = reach === 'granted' ? 200 : 403;
    auditKeyUse(tx, cluster, { key: storage.binding, use: 'unwrapKey', status });
  }
  return { ...storage, reach, reachSince: tx.now, reachBefore: storage.reach };
}

function moveOn(tx: Transaction, cluster: Cluster, storage: ClusterStorage): ClusterStorage {
  const { access, reach } = storage;
  switch (access) {
    case 'mmk':
    case 'locked':
      return storage;
    case 'accessible':
    case 'outage':
      if (reach === 'denied') return enter(tx, storage, 'revoking');
      if (reach === 'outage') return access === 'outage' ? storage : enter(tx, storage, 'outage');
      return access === 'accessible' ? storage : enter(tx, storage, 'accessible');
    case 'revoking':
      return reach === 'granted' ? enter(tx, storage, 'accessible') : storage;
    case 'revoked':
      if (cluster.identity.type === 'None') return enter(tx, storage, 'locked');
      return reach === 'granted' ? enter(tx, storage, 'restoring') : storage;
    case 'restoring':
      return reach === 'denied' ? enter(tx, storage, 'revoked') : storage;
  }
}

/** Changes the access, sets the deadline that belongs to it and counts the time out of reach. */
export function enter(
  tx: Transaction,
  storage: ClusterStorage,
  access: StorageAccess,
): ClusterStorage {
  const turn = storage.turn + 1;
  const deadline: Deadline = { clusterId: storage.clusterId, turn };
  if (access === 'revoking') tx.afterWork(REVOCATION_MS, 'storage revoked', deadline);
  if (access === 'restoring') tx.afterWork(RESUMPTION_MS, 'storage restored', deadline);
  const { unavailableSince, ...rest } = storage;
  const unavailable = ['revoked', 'restoring', 'locked'].includes(access);
  if (unavailable) return { ...rest, access, turn, unavailableSince: unavailableSince ?? tx.now };
  const gap = unavailableSince === undefined ? 0 : tx.now - unavailableSince;
  return { ...rest, access, turn, unavailableMs: rest.unavailableMs + gap };
}
