import { randomUUID } from 'node:crypto';
import { ACCESS_CHANGED } from '../../storage/access-news.ts';
import { normalRegion } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import { settleAccess } from '../../storage/access.ts';
import { defineEffect } from '../../effects.ts';
import { forgetKeysOf, resumeRotations } from '../../key-vault/key-lifecycle.ts';
import { findDeletedVault, findVault, saveVault } from '../../key-vault/vault-documents.ts';
import type { DeletedVault, Vault } from '../../key-vault/vault-documents.ts';
import type { Answer, Call } from '../../route.ts';
import type { Transaction } from '../../store.ts';
import { dropAssignmentsUnder } from '../authorization/role-assignments.ts';
import { deletedVaultNotFound, otherLocation, vaultAlreadyExists } from './vault-faults.ts';
import { deletedVaultToArm } from './vault-view.ts';

const DAY_MS = 86_400_000;
/** How long a purge and a recovery take. */
const PURGE_MS = 10_000;
const RECOVERY_MS = 8000;

/**
 * Deletes a vault: with soft-delete it keeps its name until its retention is over. Its data plane stops at once and
 * its role assignments are gone for good (4.1; R28, R161).
 */
export function deleteVault(tx: Transaction, vault: Vault): void {
  tx.remove('vaults', vault.name);
  dropAssignmentsUnder(tx, vault.id);
  if (vault.enableSoftDelete) {
    const scheduledPurgeAt = tx.now + vault.softDeleteRetentionInDays * DAY_MS;
    const deleted: DeletedVault = { vault, deletedAt: tx.now, scheduledPurgeAt };
    tx.put('deletedVaults', vault.name, deleted);
    tx.at(scheduledPurgeAt, 'vault retention over', { name: vault.name, deletedAt: tx.now });
  } else {
    forgetKeysOf(tx, vault.name);
  }
  settleAccess(tx);
  tx.note('vault deleted');
}

/**
 * Brings a soft-deleted vault back under its own id and in its own region, with its access policies and keys, but
 * without its role assignments (4.1). Throws where there is none, or one stands there already.
 */
export function recoverVault(call: Call, location: string): Vault {
  const { tx } = call;
  const { vaultName = '', subscriptionId = '', resourceGroup = '' } = call.params;
  if (findVault(tx, vaultName) !== undefined) throw vaultAlreadyExists(vaultName);
  const deleted = findDeletedVault(tx, vaultName);
  const sameId =
    deleted?.vault.subscriptionId.toLowerCase() === subscriptionId.toLowerCase() &&
    deleted.vault.resourceGroup.toLowerCase() === resourceGroup.toLowerCase();
  if (deleted === undefined || !sameId) throw deletedVaultNotFound(vaultName);
  if (normalRegion(location) !== deleted.vault.location) {
    throw otherLocation(deleted.vault);
  }
  const vault: Vault = {
    ...deleted.vault,
    dnsReadyAt: tx.afterWork(RECOVERY_MS, ACCESS_CHANGED, { vault: deleted.vault.name }),
    modifiedAt: tx.now,
    modifiedBy: call.principal?.objectId ?? '',
  };
  tx.remove('deletedVaults', vaultName);
  saveVault(tx, vault);
  resumeRotations(tx, vault.name);
  tx.note('vault recovered');
  return vault;
}

defineEffect('vault retention over', (tx, args: { name: string; deletedAt: number }) => {
  if (findDeletedVault(tx, args.name)?.deletedAt === args.deletedAt) forget(tx, args.name);
});

defineEffect('vault purged', (tx, args: { name: string; deletedAt: number; operation: string }) => {
  tx.put('vaultPurges', args.operation, { done: true });
  if (findDeletedVault(tx, args.name)?.deletedAt === args.deletedAt) forget(tx, args.name);
});

/** GET deletedVaults of a subscription. */
export function listDeletedVaults(call: Call): Answer {
  const { subscriptionId = '' } = call.params;
  const value = call.tx
    .list<DeletedVault>('deletedVaults')
    .filter(({ vault }) => vault.subscriptionId.toLowerCase() === subscriptionId.toLowerCase())
    .map(deletedVaultToArm);
  return { status: 200, body: { value } };
}

/** GET one deleted vault by region and name. */
export function getDeletedVault(call: Call): Answer {
  return { status: 200, body: deletedVaultToArm(findAsked(call)) };
}

/** POST purge: refused while purge protection holds the vault (R28). */
export function purgeVault(call: Call): Answer {
  const { tx } = call;
  const { vault, deletedAt } = findAsked(call);
  if (vault.enablePurgeProtection) {
    throw new AzureFault(400, {
      code: 'MethodNotAllowed',
      message: "Operation 'DeletedVaultPurge' is not allowed.",
    });
  }
  const operation = randomUUID();
  tx.put('vaultPurges', operation, { done: false });
  tx.afterWork(PURGE_MS, 'vault purged', { name: vault.name, deletedAt, operation });
  const location = `${call.origin}/subscriptions/${vault.subscriptionId}/providers/Microsoft.KeyVault/locations/${vault.location}/operationResults/${operation}?api-version=${call.apiVersion}`;
  return { status: 202, headers: { location } };
}

/** GET the outcome of a purge: 202 while it runs, 200 afterwards. */
export function purgeResult(call: Call): Answer {
  const purge = call.tx.get<{ done: boolean }>('vaultPurges', call.params.operation ?? '');
  if (purge === undefined) {
    throw new AzureFault(404, { code: 'NotFound', message: 'The operation was not found.' });
  }
  if (purge.done) return { status: 200, body: {} };
  const location = `${call.origin}${call.path}?${call.query.toString()}`;
  return { status: 202, headers: { location } };
}

function findAsked(call: Call): DeletedVault {
  const { vaultName = '', location = '', subscriptionId = '' } = call.params;
  const deleted = findDeletedVault(call.tx, vaultName);
  const asked =
    deleted?.vault.location === normalRegion(location) &&
    deleted.vault.subscriptionId.toLowerCase() === subscriptionId.toLowerCase();
  if (deleted === undefined || !asked) throw deletedVaultNotFound(vaultName);
  return deleted;
}

function forget(tx: Transaction, name: string): void {
  tx.remove('deletedVaults', name);
  forgetKeysOf(tx, name);
  settleAccess(tx);
  tx.note('vault purged');
}
