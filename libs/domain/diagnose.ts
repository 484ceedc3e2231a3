import { sameRegion } from './azure-ids.ts';
import { blocker, type Finding } from './findings.ts';
import { isRecoverable, versionFault } from './key-state.ts';
import type { KeyVersionSeen, VaultSeen } from './provision-facts.ts';

/** What was read about a cluster and the key it is to use. */
export interface KeyAccessFacts {
  readonly cluster: {
    readonly id: string;
    readonly region: string;
    /** Azure shows it for a system-assigned identity only. */
    readonly tenantId?: string;
    readonly identityType: string;
    readonly principalId?: string;
    /** The key that it shows, where that is not the one wanted. */
    readonly shows?: string;
  };
  /** Resource id. */
  readonly vaultId: string;
  readonly vault?: VaultSeen;
  /** Of a vault that is not there because it was deleted. */
  readonly deletedVault?: SoftDeleted;
  /** Identifier of the key, with its version when one is wanted. */
  readonly keyId: string;
  /** The version wanted, or the latest. Absent when it is not there, `unseen` when we may not look. */
  readonly version?: Pick<KeyVersionSeen, 'enabled' | 'expiresAt' | 'notBefore'> | 'unseen';
  /** Of a key that is not there because it was deleted. */
  readonly deletedKey?: SoftDeleted;
  /** Whether the key is there, and only the version wanted is not. */
  readonly hasOtherVersions?: boolean;
  /** What came of asking the vault for the key when it did not answer: no denial (R156). */
  readonly outage?: string;
  /** Permissions that the cluster's identity lacks in the vault, by name. */
  readonly missingGrants: readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

/** Deleted, and kept to be had back until it is purged. */
export interface SoftDeleted {
  /** ISO; empty when Azure does not say. */
  readonly purgeAt: string;
}

/**
 * Why a cluster cannot use a key, with the remedy: Azure says one sentence for all causes (R112, pain P19).
 * Undefined when nothing of what was read explains it.
 */
export const diagnose = (facts: KeyAccessFacts): Finding | undefined =>
  keyAccessFindings(facts).at(0);

/** All that stands between a cluster and its key, in the order in which one hides the next. */
export function keyAccessFindings(facts: KeyAccessFacts): Finding[] {
  return [
    ...identityCauses(facts),
    ...vaultCauses(facts),
    ...recoverabilityCauses(facts),
    ...grantCauses(facts),
    ...keyCauses(facts),
    ...bindingCauses(facts),
  ];
}

function identityCauses({ cluster }: KeyAccessFacts): Finding[] {
  if (cluster.principalId !== undefined) return [];
  return [
    blocker('identity_missing', 'R64', {
      reason: `the cluster has no identity (${cluster.identityType}) that could use a key`,
      remedy:
        'Open a support case with Microsoft: after None only they can set an identity again (R64).',
      target: cluster.id,
    }),
  ];
}

/** What is wrong with the vault, or with the way from the cluster to it. */
export function vaultCauses(facts: KeyAccessFacts): Finding[] {
  const { cluster, vault, deletedVault, vaultId: target } = facts;
  if (vault === undefined && deletedVault !== undefined) {
    const reason = `the vault is deleted, and kept until ${deletedVault.purgeAt}`;
    return [blocker('vault_deleted', 'R28', { reason, target })];
  }
  if (vault === undefined) {
    const remedy = 'What is purged cannot be had back: give the cluster another key.';
    return [
      blocker('vault_unusable', 'R112', { reason: 'the vault is not there', target, remedy }),
    ];
  }
  const causes: Finding[] = [];
  const { tenantId = vault.tenantId } = cluster;
  if (tenantId.toLowerCase() !== vault.tenantId.toLowerCase()) {
    const reason = `the vault belongs to tenant ${vault.tenantId}, the cluster to ${tenantId}`;
    causes.push(blocker('tenant_mismatch', 'R12', { reason, target }));
  }
  if (!sameRegion(cluster.region, vault.region)) {
    const reason = `the vault is in ${vault.region}, the cluster in ${cluster.region}`;
    causes.push(blocker('region_mismatch', 'R11', { reason, target }));
  }
  if (vault.shutsOutAzure) {
    const reason = 'the firewall of the vault shuts out Azure Monitor';
    const remedy = 'Let trusted Azure services through the firewall of the vault.';
    causes.push(blocker('vault_unusable', 'R31', { reason, target, remedy }));
  } else if (vault.restricted && cluster.identityType.toLowerCase() === 'userassigned') {
    const reason =
      'with a user-assigned identity the cluster cannot reach a vault on private links';
    const remedy = 'Open the vault to Azure networks, or give the cluster an identity of its own.';
    causes.push(blocker('vault_unusable', 'R65', { reason, target, remedy }));
  }
  return causes;
}

function recoverabilityCauses({ vault, vaultId: target }: KeyAccessFacts): Finding[] {
  if (vault === undefined || isRecoverable(vault)) return [];
  const reason = 'the vault is not recoverable';
  return [blocker('key_not_recoverable', 'R113', { reason, target })];
}

function grantCauses({ missingGrants, vaultId, cluster }: KeyAccessFacts): Finding[] {
  if (missingGrants.length === 0) return [];
  return [
    blocker('missing_permission', 'R112', {
      reason: `the identity ${cluster.principalId} of the cluster lacks ${missingGrants.join(', ')}`,
      remedy: 'Grant it to that identity in the vault; a role takes up to ten minutes to spread.',
      target: vaultId,
    }),
  ];
}

/** What is wrong with the key or its version, in a vault that is there. */
export function keyCauses(facts: KeyAccessFacts): Finding[] {
  const { vault, version, keyId: target, deletedKey, outage, now } = facts;
  if (vault === undefined) return [];
  if (outage !== undefined) {
    const reason = `the vault does not answer: ${outage}`;
    return [blocker('vault_outage', 'R155', { reason, target })];
  }
  if (version === 'unseen') return [];
  if (version === undefined && deletedKey !== undefined) {
    const reason = `the key is deleted, and kept until ${deletedKey.purgeAt}`;
    return [blocker('key_deleted', 'R28', { reason, target })];
  }
  if (version === undefined) {
    const reason =
      facts.hasOtherVersions === true ? 'the key has no such version' : 'the key is not there';
    return [blocker('key_missing', 'R59', { reason, target })];
  }
  const reason = versionFault(version, now);
  if (reason === undefined) return [];
  if (!version.enabled) {
    const remedy = 'Enable the version, or bind another one.';
    return [blocker('key_unusable', 'R59', { reason, target, remedy })];
  }
  const remedy = 'Change the dates of the version, then bind it again; what is stored stays open.';
  return [blocker('key_unusable', 'R60', { reason, target, remedy })];
}

function bindingCauses({ cluster, keyId }: KeyAccessFacts): Finding[] {
  if (cluster.shows === undefined) return [];
  const reason = `the cluster shows ${cluster.shows} and not ${keyId}`;
  return [blocker('version_not_bound', 'R95', { reason, target: cluster.id })];
}
