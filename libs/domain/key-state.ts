import type { KeyVersionSeen, VaultSeen } from './provision-facts.ts';

/** Whether what is deleted in the vault can be had back for a while, whoever deletes it (R26). */
export const isRecoverable = (vault: Pick<VaultSeen, 'softDelete' | 'purgeProtection'>): boolean =>
  vault.softDelete && vault.purgeProtection;

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
  version: Pick<KeyVersionSeen, 'enabled' | 'expiresAt' | 'notBefore'>,
  now: number,
): string | undefined {
  if (!version.enabled) return 'the key version is disabled';
  if (version.expiresAt !== undefined && Date.parse(version.expiresAt) <= now) {
    return `the key version expired at ${version.expiresAt}`;
  }
  if (version.notBefore !== undefined && Date.parse(version.notBefore) > now) {
    return `the key version is not active before ${version.notBefore}`;
  }
  return undefined;
}
