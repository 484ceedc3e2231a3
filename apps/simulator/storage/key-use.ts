import { AzureFault } from '../azure-fault.ts';
import { findPrincipal } from '../entra/directory.ts';
import { standingFault } from '../faults.ts';
import { unwrapWith, wrapWith } from '../key-vault/key-crypto.ts';
import { findUsableKey, findVersion, kidOf, privateKeyOf } from '../key-vault/key-documents.ts';
import type { KeyVersion } from '../key-vault/key-documents.ts';
import { keyNotFound } from '../key-vault/key-faults.ts';
import { refuseTrustedService } from '../key-vault/network-rules.ts';
import { refuseUse } from '../key-vault/key-state.ts';
import { writeAudit } from '../key-vault/vault-audit.ts';
import { findReachableVault } from '../key-vault/vault-documents.ts';
import { requireRight } from '../key-vault/vault-rights.ts';
import type { Cluster } from '../providers/operational-insights/documents.ts';
import type { Principal } from '../route.ts';
import type { Transaction } from '../store.ts';
import type { Reach, StorageAccount } from './documents.ts';

/** How storage wraps an AEK. */
const ALGORITHM = 'RSA-OAEP-256';

/** A key version, or for an empty version the latest one. */
export interface KeyAddress {
  vault: string;
  keyName: string;
  version: string;
}

type Use = 'get' | 'wrapKey' | 'unwrapKey';

const uses: Record<Use, { action: string; audit: string; method: string; verb: string }> = {
  get: { action: 'keys/read', audit: 'KeyGet', method: 'GET', verb: '' },
  wrapKey: { action: 'keys/wrap/action', audit: 'KeyWrap', method: 'POST', verb: '/wrapkey' },
  unwrapKey: {
    action: 'keys/unwrap/action',
    audit: 'KeyUnwrap',
    method: 'POST',
    verb: '/unwrapkey',
  },
};

/**
 * The key version a cluster may use in that way now, decided as for every other caller of the vault: name, fault
 * rules, network, right, state of the version. Throws the vault's own refusal, or a 503 for an outage.
 */
export function requireKeyUse(
  tx: Transaction,
  cluster: Cluster,
  asked: { key: KeyAddress; use: Use },
): KeyVersion {
  const { key, use } = asked;
  const principal = identityOf(tx, cluster);
  const vault = findReachableVault(tx, key.vault);
  if (principal === undefined || vault === undefined) throw keyNotFound(key.keyName);
  refuseByFault(tx, { key, use, principal });
  refuseTrustedService(vault, cluster.identity.type);
  requireRight(tx, { vault, principal, action: uses[use].action, keyName: key.keyName });
  const record = findUsableKey(tx, vault.name, key.keyName);
  const version = record && findVersion(tx, record, key.version.toLowerCase());
  if (version === undefined) throw keyNotFound(key.keyName);
  if (use !== 'get') refuseUse(version, use, tx.now);
  return version;
}

/** What an unwrap would meet now, without doing it. */
export function reachOf(tx: Transaction, cluster: Cluster, key: KeyAddress): Reach {
  try {
    requireKeyUse(tx, cluster, { key, use: 'unwrapKey' });
    return 'granted';
  } catch (error) {
    return isDenial(error) ? 'denied' : 'outage';
  }
}

/** The account with its AEK wrapped anew by a version; throws what the vault says. */
export function wrapAccount(
  tx: Transaction,
  cluster: Cluster,
  { account, key }: { account: StorageAccount; key: KeyAddress },
): StorageAccount {
  const version = requireKeyUse(tx, cluster, { key, use: 'wrapKey' });
  const aek = Buffer.from(account.aek.k, 'base64url');
  const value = wrapWith(version.publicKey, ALGORITHM, aek).toString('base64url');
  return { ...account, wrapped: { kid: kidOf(version), alg: ALGORITHM, value } };
}

/** Really unwraps an account's AEK with the private key; true when exactly the AEK comes out. */
export function unwrapsNow(
  tx: Transaction,
  cluster: Cluster,
  { account, key }: { account: StorageAccount; key: KeyAddress },
): boolean {
  if (account.wrapped === undefined) return false;
  try {
    const version = requireKeyUse(tx, cluster, { key, use: 'unwrapKey' });
    const value = Buffer.from(account.wrapped.value, 'base64url');
    const aek = unwrapWith(privateKeyOf(tx, version), account.wrapped.alg, value);
    return aek.toString('base64url') === account.aek.k;
  } catch (error) {
    if (error instanceof AzureFault) return false;
    throw error;
  }
}

/** Puts what the cluster did in the vault's log; a vault that was not reached logs nothing. */
export function auditKeyUse(
  tx: Transaction,
  cluster: Cluster,
  done: { key: KeyAddress; use: Use; status: number },
): void {
  const { key, use, status } = done;
  const vault = findReachableVault(tx, key.vault);
  if (vault === undefined) return;
  writeAudit(tx, {
    vault: vault.name,
    operation: uses[use].audit,
    callerObjectId: cluster.identity.principalId ?? '',
    target: kidOf({ vault: vault.name, name: key.keyName, version: key.version }),
    status,
    ...(status === 403 && { code: 'Forbidden' }),
  });
}

/** Who calls the vault for a cluster (R7); nobody once its identity is None or was deleted. */
function identityOf(tx: Transaction, cluster: Cluster): Principal | undefined {
  const { type, principalId } = cluster.identity;
  if (type === 'None' || principalId === undefined) return undefined;
  return findPrincipal(tx, principalId);
}

/** A fault rule on the vault's host counts for the cluster's calls as for anybody's. */
function refuseByFault(
  tx: Transaction,
  call: { key: KeyAddress; use: Use; principal: Principal },
): void {
  const { key, use, principal } = call;
  const { method, verb } = uses[use];
  const fault = standingFault(tx, {
    host: `${key.vault.toLowerCase()}.vault.azure.net`,
    method,
    target: `/keys/${key.keyName}/${key.version}${verb}?api-version=7.5`,
    principal,
  });
  if (fault === undefined || !['status', 'hang', 'reset'].includes(fault.action.kind)) return;
  const status = fault.action.kind === 'status' ? fault.action.status : 503;
  throw new AzureFault(status, { code: 'InjectedFault', message: 'A fault was injected here.' });
}

function isDenial(error: unknown): boolean {
  if (!(error instanceof AzureFault)) throw error;
  return [401, 403, 404].includes(error.status);
}
