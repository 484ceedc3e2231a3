import { blocker, type Finding } from './findings.ts';
import type { IdentitySeen, NeededRight, ProvisionFacts } from './provision-facts.ts';

/** What is worth knowing about the identity that a cluster is to use, when it is one that exists already. */
export function identityFindings({ identity, tenantId }: ProvisionFacts): Finding[] {
  if (identity === undefined) return [];
  const { id: target } = identity;
  if (!identity.exists) {
    return [blocker('identity_missing', 'R33', { reason: 'there is no such identity', target })];
  }
  const findings: Finding[] = [];
  if (identity.tenantId?.toLowerCase() !== tenantId.toLowerCase()) {
    const reason = `the identity belongs to tenant ${identity.tenantId}`;
    findings.push(blocker('tenant_mismatch', 'R12', { reason, target }));
  }
  return [...findings, ...excessFindings(identity)];
}

/** Rights that are missing in Azure, each by its action. */
export const rightFindings = (missing: readonly NeededRight[]): Finding[] =>
  missing.map(({ action, scope: target }) =>
    blocker('missing_permission', 'R52', {
      reason: `the identity of Keyturn may not perform ${action}`,
      target,
    }),
  );

function excessFindings({ id, excess }: IdentitySeen): Finding[] {
  if (excess.length === 0) return [];
  return [
    {
      code: 'excess_rights',
      severity: 'warning',
      rule: 'R50',
      reason: `the identity may do more in the vault than a cluster needs: ${excess.join(', ')}`,
      remedy: 'Leave it get, wrap and unwrap of keys, and take the rest away.',
      target: id,
    },
  ];
}
