import { sameRegion } from './azure-ids.ts';
import { blocker, type Finding } from './findings.ts';
import type {
  Circumstances,
  KeyVersionSeen,
  ProvisionFacts,
  VaultSeen,
} from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';

/** What is worth knowing about vault and key before a cluster is bound to them. */
export function keyFindings(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Finding[] {
  const { vaultId, name, source } = request.key;
  if (facts.vault !== undefined) {
    return [
      ...vaultFindings(request, facts.vault, facts.tenantId),
      ...(facts.keyVersions === undefined
        ? []
        : versionFindings(request, facts.keyVersions, circumstances)),
    ];
  }
  if (facts.deletedVault !== undefined) {
    const reason = `a deleted vault holds this name until ${facts.deletedVault.purgeAt}`;
    return [
      blocker('vault_unusable', 'R28', {
        reason,
        target: vaultId,
        remedy: 'Recover that vault, or choose another name.',
      }),
    ];
  }
  if (source === 'generate') return [];
  return [
    blocker('key_missing', 'R59', {
      reason: `there is no vault that could hold the key ${name}`,
      target: vaultId,
    }),
  ];
}

function vaultFindings(request: ProvisionRequest, vault: VaultSeen, tenantId: string): Finding[] {
  const target = vault.id;
  const findings: Finding[] = [];
  if (!sameRegion(vault.region, request.region)) {
    const reason = `the vault is in ${vault.region}, the cluster is to be in ${request.region}`;
    findings.push(blocker('region_mismatch', 'R11', { reason, target }));
  }
  if (vault.tenantId.toLowerCase() !== tenantId.toLowerCase()) {
    findings.push(
      blocker('tenant_mismatch', 'R12', {
        reason: `the vault belongs to tenant ${vault.tenantId}`,
        target,
      }),
    );
  }
  if (!vault.softDelete || !vault.purgeProtection) {
    const reason = `the vault has ${vault.softDelete ? 'no purge protection' : 'no soft delete'}`;
    findings.push(blocker('key_not_recoverable', 'R26', { reason, target }));
  }
  if (vault.rbac) {
    const remedy = 'Use a vault with access policies; grants by role are not available yet.';
    findings.push(
      blocker('vault_unusable', 'R46', { reason: 'the vault grants by roles', target, remedy }),
    );
  }
  if (vault.shutsOutAzure) {
    const remedy = 'Let trusted Azure services through the firewall of the vault.';
    findings.push(
      blocker('vault_unusable', 'R31', {
        reason: 'the firewall shuts out Azure Monitor',
        target,
        remedy,
      }),
    );
  }
  return findings;
}

function versionFindings(
  request: ProvisionRequest,
  versions: readonly KeyVersionSeen[],
  circumstances: Circumstances,
): Finding[] {
  const { name, source, vaultId, version } = request.key;
  const target = `${vaultId}/keys/${name}`;
  if (source === 'generate') {
    const foreign = versions.some((seen) => seen.madeBy !== circumstances.operationId);
    return foreign
      ? [blocker('key_exists', 'R25', { reason: `the vault holds a key ${name} already`, target })]
      : [];
  }
  const chosen = chooseVersion(versions, version);
  if (chosen === undefined) {
    const reason =
      version === undefined
        ? `the vault holds no key ${name}`
        : `the key has no version ${version}`;
    return [blocker('key_missing', 'R59', { reason, target })];
  }
  const fault = versionFault(chosen, circumstances.now);
  return fault === undefined
    ? []
    : [blocker('key_unusable', 'R29', { reason: fault, target: chosen.kid })];
}

/** The version asked for, or the latest: versions come oldest first. */
export function chooseVersion<T extends { version: string }>(
  versions: readonly T[],
  wanted: string | undefined,
): T | undefined {
  if (wanted === undefined) return versions.at(-1);
  return versions.find(({ version }) => version.toLowerCase() === wanted.toLowerCase());
}

/** Why a version cannot protect a cluster (R29, R60), or undefined when it can. */
export function versionFault(
  version: Pick<KeyVersionSeen, 'enabled' | 'expiresAt'>,
  now: number,
): string | undefined {
  if (!version.enabled) return 'the key version is disabled';
  if (version.expiresAt !== undefined && Date.parse(version.expiresAt) <= now) {
    return `the key version expired at ${version.expiresAt}`;
  }
  return undefined;
}
