import { randomBytes, randomUUID } from 'node:crypto';
import { normalRegion } from './arm/scopes.ts';
import { AzureFault } from './azure-fault.ts';
import { findKey, findVersion } from './key-vault/key-documents.ts';
import { isWithinValidity } from './key-vault/key-state.ts';
import { findVault } from './key-vault/vault-documents.ts';
import { findCluster } from './providers/operational-insights/documents.ts';
import type { Cluster } from './providers/operational-insights/documents.ts';
import { enter, settleStorage } from './storage/access.ts';
import { findStorage, saveStorage } from './storage/documents.ts';
import type { ClusterStorage, StorageAccess, StorageAccount } from './storage/documents.ts';
import { auditKeyUse, requireKeyUse, unwrapsNow, wrapAccount } from './storage/key-use.ts';
import type { KeyAddress } from './storage/key-use.ts';
import { endUnwraps, unwrapIntervalsMs } from './storage/unwrap-log.ts';
import type { Transaction } from './store.ts';

/** A cluster's storage has so many accounts here; Azure does not publish a number (R13). */
const ACCOUNTS = 2;

/** What a key update names. */
export interface KeyChoice {
  keyVaultUri: string;
  keyName: string;
  /** 32 hex digits, or empty for the latest. */
  keyVersion: string;
}

/** How a cluster's storage stands, for `/state` and the probes. */
export interface StorageState {
  access: StorageAccess;
  accounts: {
    id: string;
    /** Identifier of the key version, or MMK. */
    wrappedBy: string;
    lastUnwrap: { at: string; ok: boolean; kid: string } | undefined;
  }[];
  /** A real unwrap of every account, done for this answer. */
  unwrapsNow: boolean;
  /** Seconds during which the data was out of reach, until now. */
  outageSeconds: number;
}

/** Gives a new cluster its storage accounts, each with a random AEK under Microsoft's keys. */
export function createStorage(tx: Transaction, clusterId: string): void {
  const accounts: StorageAccount[] = Array.from({ length: ACCOUNTS }, () => ({
    id: randomUUID(),
    aek: { kty: 'oct', k: randomBytes(32).toString('base64url') },
  }));
  saveStorage(tx, {
    clusterId,
    accounts,
    access: 'mmk',
    turn: 0,
    reach: 'granted',
    reachSince: tx.now,
    reachBefore: 'granted',
    unwrapsFrom: tx.now,
    pickUpDue: false,
    unavailableMs: 0,
  });
}

/** Forgets the storage of a deleted cluster. */
export function dropStorage(tx: Transaction, clusterId: string): void {
  tx.remove('storages', clusterId);
  endUnwraps(tx, clusterId);
}

/**
 * Checks a key as the service does in an update, under the cluster's identity: readable, there, enabled, valid, of
 * the right kind and usable (else R112), then recoverable (else R113; R48, R59, R60).
 */
export function validateKey(tx: Transaction, clusterId: string, choice: KeyChoice): void {
  const cluster = requireCluster(tx, clusterId);
  const key = addressOf(choice);
  const vault = findVault(tx, key.vault);
  const near =
    vault !== undefined &&
    vault.location === normalRegion(cluster.location) &&
    vault.tenantId.toLowerCase() === (cluster.identity.tenantId ?? '').toLowerCase();
  if (!near || !mayUse(tx, cluster, key)) throw keyNotValid();
  if (!vault.enableSoftDelete || !vault.enablePurgeProtection) throw keyNotRecoverable();
}

/**
 * Binds a cluster to a key once its update is through: every AEK is wrapped with the version under the cluster's
 * identity, and from then on unwrapped with it (R53, R97). Three empty strings bring Microsoft's keys back (R163).
 * Throws R112 or R113 when the key has become unusable meanwhile; nothing is changed then.
 */
export function bindKey(tx: Transaction, clusterId: string, choice: KeyChoice | undefined): void {
  const cluster = requireCluster(tx, clusterId);
  const storage = requireStorage(tx, clusterId);
  if (choice === undefined || choice.keyName === '') {
    const accounts = storage.accounts.map(({ id, aek }) => ({ id, aek }));
    const { binding: _binding, ...rest } = storage;
    saveStorage(tx, enter(tx, { ...rest, accounts, pickUpDue: false }, 'mmk'));
    return;
  }
  validateKey(tx, clusterId, choice);
  const asked = addressOf(choice);
  const accounts = storage.accounts.map((account) =>
    wrapAccount(tx, cluster, { account, key: asked }),
  );
  const version = accounts[0]?.wrapped?.kid.split('/').at(-1) ?? asked.version;
  const key = { ...asked, version };
  auditKeyUse(tx, cluster, { key, use: 'get', status: 200 });
  for (const use of ['wrapKey', 'unwrapKey'] as const) {
    accounts.forEach(() => auditKeyUse(tx, cluster, { key, use, status: 200 }));
  }
  const bound: ClusterStorage = {
    ...storage,
    accounts,
    binding: { ...key, followsLatest: choice.keyVersion === '' },
    unwrapsFrom: tx.now,
    pickUpDue: false,
    reach: 'granted',
    reachSince: tx.now,
    reachBefore: storage.reach,
  };
  const first = bound.access === 'mmk';
  const stored = saveStorage(tx, first ? enter(tx, bound, 'accessible') : bound);
  settleStorage(tx, stored);
}

/** How the storage stands now, settled to the transaction's instant; undefined for an unknown cluster. */
export function storageState(tx: Transaction, clusterId: string): StorageState | undefined {
  const found = findStorage(tx, clusterId);
  if (found === undefined) return undefined;
  const storage = settleStorage(tx, found);
  const cluster = findCluster(tx, clusterId);
  const { binding, unavailableSince } = storage;
  const openMs = unavailableSince === undefined ? 0 : tx.now - unavailableSince;
  return {
    access: storage.access,
    accounts: storage.accounts.map((account, index) => ({
      id: account.id,
      wrappedBy: account.wrapped?.kid ?? 'MMK',
      lastUnwrap: lastUnwrap(tx, storage, index),
    })),
    unwrapsNow:
      cluster !== undefined &&
      binding !== undefined &&
      storage.accounts.every((account) => unwrapsNow(tx, cluster, { account, key: binding })),
    outageSeconds: Math.round((storage.unavailableMs + openMs) / 1000),
  };
}

/** The latest attempt at the account's interval, told without having made every one of them. */
function lastUnwrap(tx: Transaction, storage: ClusterStorage, index: number) {
  const kid = storage.accounts[index]?.wrapped?.kid;
  if (kid === undefined) return undefined;
  const interval = unwrapIntervalsMs[index % unwrapIntervalsMs.length] ?? 0;
  const rounds = Math.floor((tx.now - storage.unwrapsFrom) / interval);
  const at = storage.unwrapsFrom + rounds * interval;
  const reach = at >= storage.reachSince ? storage.reach : storage.reachBefore;
  return { at: new Date(at).toISOString(), ok: reach === 'granted', kid };
}

/** Whether the cluster may read, wrap and unwrap with a version that can do it now. */
function mayUse(tx: Transaction, cluster: Cluster, key: KeyAddress): boolean {
  try {
    for (const use of ['get', 'wrapKey', 'unwrapKey'] as const) {
      requireKeyUse(tx, cluster, { key, use });
    }
    const record = findKey(tx, key.vault, key.keyName);
    const version = record && findVersion(tx, record, key.version.toLowerCase());
    return version !== undefined && isWithinValidity(version, tx.now);
  } catch (error) {
    if (error instanceof AzureFault) return false;
    throw error;
  }
}

function addressOf({ keyVaultUri, keyName, keyVersion }: KeyChoice): KeyAddress {
  const host = URL.canParse(keyVaultUri) ? new URL(keyVaultUri).hostname : '';
  const vault = /^([^.]+)\.vault\.azure\.net$/i.exec(host)?.[1] ?? '';
  return { vault, keyName, version: keyVersion };
}

function keyNotValid(): AzureFault {
  return new AzureFault(400, {
    code: 'BadRequest',
    message:
      'Failed to validate key in Key Vault. Could be due to lack of permissions or when key doesn’t exist. Verify that you set key and access policy in Key Vault.',
  });
}

function keyNotRecoverable(): AzureFault {
  return new AzureFault(400, {
    code: 'BadRequest',
    message:
      'Key is not recoverable. Key Vault must be set to Soft-delete and Purge-protection. See Key Vault documentation',
  });
}

function requireCluster(tx: Transaction, clusterId: string): Cluster {
  const cluster = findCluster(tx, clusterId);
  if (cluster === undefined) throw new Error(`using the key of ${clusterId}: no such cluster`);
  return cluster;
}

function requireStorage(tx: Transaction, clusterId: string): ClusterStorage {
  const storage = findStorage(tx, clusterId);
  if (storage === undefined) throw new Error(`using the storage of ${clusterId}: none was created`);
  return storage;
}
