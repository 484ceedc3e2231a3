import { blocker, isBlocked, type Finding } from './findings.ts';

/** Why an operation ends whose cluster was revoked before it had the lane: it could only undo that. */
export const revokedMeanwhile = (target: string): Finding =>
  blocker('cluster_revoked', 'R82', {
    reason: 'access to the key of the cluster was revoked meanwhile',
    target,
  });

/**
 * The findings of a plan by whether the cluster is revoked: what it lacks then is no reason of its own, and the
 * remedy of that would undo the revocation.
 */
export function asRevoked(
  findings: readonly Finding[],
  { revokedAt, target }: { readonly revokedAt: string | undefined; readonly target: string },
): readonly Finding[] {
  if (revokedAt === undefined || !isBlocked(findings)) return findings;
  return [revokedMeanwhile(target), ...findings.filter(({ severity }) => severity !== 'blocker')];
}
