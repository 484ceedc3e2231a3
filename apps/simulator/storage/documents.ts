import type { Transaction } from '../store.ts';
import { noteUnwraps } from './unwrap-log.ts';

/** How a cluster's storage stands to its key (R82-R87, R154-R156). */
export type StorageAccess =
  | 'mmk'
  | 'accessible'
  | 'outage'
  | 'revoking'
  | 'revoked'
  | 'restoring'
  | 'locked';

/** What an unwrap with the bound version would meet now: a denial revokes, an outage does not (R156). */
export type Reach = 'granted' | 'denied' | 'outage';

/** One storage account of a cluster with its own account encryption key (R13). */
export interface StorageAccount {
  id: string;
  /** The AEK itself: what Azure's platform holds and no view shows. */
  aek: { kty: 'oct'; k: string };
  /** The AEK under the customer's key; absent while Microsoft's keys protect it. */
  wrapped?: { kid: string; alg: string; value: string };
}

/** The key version that protects the storage. */
export interface Binding {
  vault: string;
  keyName: string;
  /** The version in use. */
  version: string;
  /** No version was asked for: newer ones are followed (R93). */
  followsLatest: boolean;
}

/** The storage behind a cluster; instants are epoch milliseconds. */
export interface ClusterStorage {
  clusterId: string;
  accounts: StorageAccount[];
  binding?: Binding;
  access: StorageAccess;
  /** Counts changes of access: a deadline set for an earlier one is void. */
  turn: number;
  reach: Reach;
  reachSince: number;
  reachBefore: Reach;
  /** From here on the accounts unwrap at their intervals. */
  unwrapsFrom: number;
  /** A newer version waits to be followed. */
  pickUpDue: boolean;
  unavailableMs: number;
  unavailableSince?: number;
}

export function findStorage(tx: Transaction, clusterId: string): ClusterStorage | undefined {
  return tx.get<ClusterStorage>('storages', clusterId);
}

export function saveStorage(tx: Transaction, storage: ClusterStorage): ClusterStorage {
  tx.put('storages', storage.clusterId, storage);
  noteUnwraps(tx, storage);
  return storage;
}

export function listStorages(tx: Transaction): ClusterStorage[] {
  return tx.list<ClusterStorage>('storages');
}
