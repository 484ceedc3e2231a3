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
      ...importFindings(request, facts, circumstances),
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
  if (source !== 'use') return importFindings(request, facts, circumstances);
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
  if (!isRecoverable(vault)) {
    findings.push({
      code: 'purge_protection',
      severity: 'warning',
      rule: 'R26',
      reason: `the vault has ${vault.softDelete ? 'no purge protection' : 'no soft delete'}; it is switched on, which cannot be undone`,
      remedy: 'A second person approves it, or choose another vault.',
      target,
    });
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

/** Whether what is deleted in the vault can be had back for a while, whoever deletes it (R26). */
export const isRecoverable = (vault: Pick<VaultSeen, 'softDelete' | 'purgeProtection'>): boolean =>
  vault.softDelete && vault.purgeProtection;

function importFindings(
  { key }: ProvisionRequest,
  { importFile }: ProvisionFacts,
  { begun }: Circumstances,
): Finding[] {
  // Once the key step has begun the file has done its service and may be gone.
  if (importFile?.fault === undefined || begun['key'] !== undefined) return [];
  const { fault: reason } = importFile;
  return [blocker('import_unusable', 'R29', { reason, target: key.importFrom ?? '' })];
}

function versionFindings(
  request: ProvisionRequest,
  versions: readonly KeyVersionSeen[],
  circumstances: Circumstances,
): Finding[] {
  const { name, source, vaultId, version } = request.key;
  const target = `${vaultId}/keys/${name}`;
  if (source !== 'use') {
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

/** Versions of a key that Azure made though it was asked for one: nothing uses them, and nothing removes them. */
export const surplusFindings = (kids: readonly string[]): Finding[] =>
  kids.map((target) => ({
    code: 'surplus_key_version',
    severity: 'warning',
    rule: 'R24',
    reason: 'Azure made this key version beside the one it was asked for',
    remedy: 'Disable it: no cluster is bound to it.',
    target,
  }));
