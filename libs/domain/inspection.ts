import { dayMs } from './service-rules.ts';
import { keyAccessFindings, type KeyAccessFacts } from './diagnose.ts';
import type { ClusterSeen, Purge } from './events.ts';
import type { Finding } from './findings.ts';
import type { KeyVersionSeen } from './provision-facts.ts';

/** What was read of a cluster that is there. Narrow: a part of it goes into histories. */
export interface Inspected {
  readonly id: string;
  readonly region: string;
  readonly provisioningState: string;
  readonly capacityGbPerDay: number;
  readonly doubleEncryption: boolean;
  readonly principalId?: string;
  /** Resource ids. */
  readonly workspaces: readonly string[];
  /** Absent when the cluster shows no key. */
  readonly key?: InspectedKey;
}

export interface InspectedKey {
  readonly vaultUri: string;
  readonly name: string;
  /** As the cluster shows it; empty when it follows the latest (R93). */
  readonly version: string;
  /** Absent when the vault could not be found with what we may read. */
  readonly access?: KeyAccessFacts;
  /** All versions, oldest first; absent when we may not list them. */
  readonly versions?: readonly KeyVersionSeen[];
  /** What the cluster's identity may do in the vault beyond its need (R50). */
  readonly excess: readonly string[];
}

/** How long before its expiry a key is a finding (R166); Key Vault itself notifies thirty days before. */
const expiryNoticeDays = 30;

/** What an inspection makes known of the cluster. */
export function toClusterSeen(inspected: Inspected, findings: readonly Finding[]): ClusterSeen {
  const { id: clusterId, region, capacityGbPerDay, doubleEncryption } = inspected;
  const { principalId, key, workspaces } = inspected;
  const rank = { blocker: 0, warning: 1, info: 2 } as const;
  const gravest = findings.toSorted((one, other) => rank[one.severity] - rank[other.severity]);
  return {
    clusterId,
    region,
    capacityGbPerDay,
    doubleEncryption,
    ...(principalId === undefined ? {} : { principalId }),
    ...(key === undefined
      ? {}
      : { key: { kid: kidOf(key), mode: key.version === '' ? 'automatic' : 'explicit' } }),
    ...purgeOf(key?.access),
    linkedWorkspaces: workspaces.length,
    findings: { top: gravest.slice(0, 5), count: findings.length },
  };
}

/** When what is deleted is lost for good, where Azure says so (R28, R59). */
function purgeOf(access: KeyAccessFacts | undefined): { purge?: Purge } {
  const { vault, deletedVault, deletedKey } = access ?? {};
  const isVaultGone = vault === undefined && deletedVault !== undefined;
  const at = (isVaultGone ? deletedVault : deletedKey)?.purgeAt ?? '';
  if (at === '') return {};
  return { purge: { reason: isVaultGone ? 'vault_purged' : 'key_purged', at } };
}

/** Each mismatch between a cluster and how it should be, once, with its remedy. */
export function inspectionFindings(inspected: Inspected, now: number): Finding[] {
  const { id: target, provisioningState, doubleEncryption, key } = inspected;
  const findings: Finding[] = [];
  if (provisioningState !== 'Succeeded') {
    const reason = `the cluster is ${provisioningState}`;
    const remedy = 'Wait until Azure is done with it, and inspect it again.';
    findings.push(warning('cluster_not_ready', 'R153', { reason, remedy, target }));
  }
  if (!doubleEncryption) {
    const reason = 'the cluster is without double encryption, for good';
    const remedy = 'Only a new cluster can have it; nothing else is to be done.';
    findings.push({
      code: 'double_encryption_off',
      severity: 'info',
      rule: 'R41',
      reason,
      remedy,
      target,
    });
  }
  if (key === undefined) {
    const reason = 'the cluster has no key of yours: its data is under keys of Microsoft';
    const remedy = 'Bind a key to it; what is ingested before stays as it is (R10).';
    return [...findings, warning('key_not_bound', 'R1', { reason, remedy, target })];
  }
  return [...findings, ...keyFindings(key, now)];
}

function keyFindings(key: InspectedKey, now: number): Finding[] {
  const target = kidOf(key);
  if (key.access === undefined) {
    const reason = `the vault ${key.vaultUri} is not among those that Keyturn may read`;
    const remedy = 'Give the identity of Keyturn a role with Microsoft.KeyVault/vaults/read there.';
    return [warning('vault_unseen', 'R26', { reason, remedy, target })];
  }
  // Nothing is refused here: what would block a bind is a warning about a cluster that is there.
  const findings = keyAccessFindings(key.access).map((finding): Finding => ({
    ...finding,
    severity: 'warning',
  }));
  if (key.excess.length > 0) {
    const reason = `the identity of the cluster may do more in the vault than it needs: ${key.excess.join(', ')}`;
    const remedy = 'Leave it get, wrap and unwrap of keys, and take the rest away.';
    findings.push(warning('excess_rights', 'R50', { reason, remedy, target: key.access.vaultId }));
  }
  return [...findings, ...versionFindings(key, now)];
}

function versionFindings({ version, versions = [], ...key }: InspectedKey, now: number): Finding[] {
  const target = kidOf({ ...key, version, versions });
  const latest = versions.at(-1);
  const used = version === '' ? latest : versions.find((other) => sameVersion(other, version));
  const findings: Finding[] = [];
  if (used !== undefined && latest !== undefined && used !== latest && latest.enabled) {
    const reason = `the vault has a newer version, ${latest.version}, that the cluster does not use`;
    const remedy = 'Rotate the cluster to it; until then the version in use must stay enabled.';
    findings.push(warning('version_behind', 'R95', { reason, remedy, target }));
  }
  const { expiresAt } = used ?? {};
  if (expiresAt !== undefined && isSoon(expiresAt, now)) {
    const reason = `the key version expires at ${expiresAt}; the cluster then takes no key changes`;
    const remedy = 'Rotate the key, or extend the expiry of the version.';
    findings.push(warning('key_expiring', 'R166', { reason, remedy, target }));
  }
  return findings;
}

function kidOf({ vaultUri, name, version, versions }: InspectedKey | Omit<InspectedKey, 'excess'>) {
  const known = version === '' ? versions?.at(-1)?.kid : undefined;
  const key = `${vaultUri.replace(/(:443)?\/*$/u, '').toLowerCase()}/keys/${name}`;
  return known ?? (version === '' ? key : `${key}/${version}`);
}

const sameVersion = (seen: KeyVersionSeen, version: string): boolean =>
  seen.version.toLowerCase() === version.toLowerCase();

/** Only what is still to come: an expired version is a finding of its own. */
function isSoon(expiresAt: string, now: number): boolean {
  const left = Date.parse(expiresAt) - now;
  return left > 0 && left < expiryNoticeDays * dayMs;
}

const warning = (
  code: Finding['code'],
  rule: string,
  { reason, remedy, target }: Pick<Finding, 'reason' | 'remedy'> & { target: string },
): Finding => ({ code, severity: 'warning', rule, reason, remedy, target });
