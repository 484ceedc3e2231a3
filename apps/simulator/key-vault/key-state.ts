import type { KeyVersion } from './key-documents.ts';
import { keyDisabled, operationNotPermitted, outsideValidity } from './key-faults.ts';

/**
 * Refuses what the state of a version does not allow: a disabled one does nothing, one that is expired or not yet
 * valid wraps nothing but unwraps (azure-docs, about keys: date-time controlled operations).
 */
export function refuseUse(version: KeyVersion, use: 'wrapKey' | 'unwrapKey', now: number): void {
  if (!version.enabled) throw keyDisabled(use);
  const permitted = version.kty.startsWith('RSA') && version.keyOps.includes(use);
  if (!permitted) throw operationNotPermitted(use);
  if (use === 'wrapKey' && !isWithinValidity(version, now)) throw outsideValidity(version, use);
}

/** Whether an instant lies inside a version's validity; ends that are not set are open. */
export function isWithinValidity(version: KeyVersion, now: number): boolean {
  const { notBefore = Number.NEGATIVE_INFINITY, expires = Number.POSITIVE_INFINITY } = version;
  return notBefore <= now && now < expires;
}
