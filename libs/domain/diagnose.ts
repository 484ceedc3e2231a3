import { sameRegion } from './azure-ids.ts';
import { blocker, type Finding } from './findings.ts';
import type { KeyVersionSeen, VaultSeen } from './provision-facts.ts';
import { isRecoverable, versionFault } from './provision-key-findings.ts';

/** What was read about a cluster and the key it is to use. */
export interface KeyAccessFacts {
  readonly cluster: {
    readonly id: string;
    readonly region: string;
    /** Azure shows it for a system-assigned identity only. */
    readonly tenantId?: string;
    readonly identityType: string;
    readonly principalId?: string;
  };
  /** Resource id. */
  readonly vaultId: string;
  readonly vault?: VaultSeen;
  /** Identifier of the key, with its version when one is wanted. */
  readonly keyId: string;
  /** The version wanted, or the latest. Absent when it is not there, `unseen` when we may not look. */
  readonly version?: Pick<KeyVersionSeen, 'enabled' | 'expiresAt'> | 'unseen';
  /** Permissions that the cluster's identity lacks in the vault, by name. */
  readonly missingGrants: readonly string[];
  /** Epoch ms. */
  readonly now: number;
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
    ...grantCauses(facts),
    ...keyCauses(facts),
  ];
}

function identityCauses({ cluster }: KeyAccessFacts): Finding[] {
  if (cluster.principalId !== undefined) return [];
  return [
    blocker('identity_missing', 'R64', {
      reason: `the cluster has no identity (${cluster.identityType}) that could use a key`,
      remedy: 'Set an identity on the cluster; after None only Microsoft support can.',
      target: cluster.id,
    }),
  ];
}

function vaultCauses({ cluster, vault, vaultId: target }: KeyAccessFacts): Finding[] {
  if (vault === undefined) {
    const remedy = 'Recover the vault if it was deleted; its role assignments must be made again.';
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
  if (!isRecoverable(vault)) {
    const reason = 'the vault is not recoverable';
    causes.push(blocker('key_not_recoverable', 'R113', { reason, target }));
  }
  return causes;
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

function keyCauses({ vault, version, keyId: target, now }: KeyAccessFacts): Finding[] {
  if (vault === undefined || version === 'unseen') return [];
  if (version === undefined) {
    const reason = 'the key or its version is not there';
    return [blocker('key_missing', 'R112', { reason, target })];
  }
  const reason = versionFault(version, now);
  if (reason === undefined) return [];
  const remedy = version.enabled
    ? 'Extend the expiry of the version, then bind it again (R60).'
    : 'Enable the version, or bind another one.';
  return [blocker('key_unusable', 'R112', { reason, target, remedy })];
}
