import { formatClusterId } from './azure-ids.ts';
import { blocker, type Finding } from './findings.ts';
import type { Circumstances, ProvisionFacts } from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';
import { dayMs } from './service-rules.ts';

/** What is worth knowing about the cluster before it is made. */
export function clusterFindings(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Finding[] {
  const { rules, begun } = circumstances;
  const target = formatClusterId(request.cluster);
  const findings: Finding[] = [
    {
      code: 'commitment',
      severity: 'info',
      rule: 'R150',
      reason: `${request.capacityGbPerDay} GB/day are billed from creation and cannot be lowered for ${rules.capacityLockDays} days`,
      remedy: 'Choose the tier that the workspaces will fill.',
      target,
    },
    {
      code: 'not_retroactive',
      severity: 'info',
      rule: 'R10',
      reason:
        'only data ingested after the key is bound comes under it; earlier data stays under Microsoft keys',
      remedy: 'Count protection from the instant the outcome states.',
      target,
    },
  ];
  if (!rules.capacityTiersGbPerDay.includes(request.capacityGbPerDay)) {
    findings.push(unknownTier(request, rules.refusesUnknownTier));
  }
  if (!request.doubleEncryption) {
    findings.push({
      code: 'double_encryption_off',
      severity: 'warning',
      rule: 'R41',
      reason: 'the cluster is made without double encryption, as asked, for good',
      remedy: 'Leave doubleEncryption out unless the region cannot do it.',
      target: 'doubleEncryption',
    });
  }
  if (facts.cluster !== undefined && !begun.includes('cluster')) {
    const reason = `a cluster of this name exists and is ${facts.cluster.provisioningState}`;
    findings.push(blocker('cluster_exists', 'R43', { reason, target: facts.cluster.id }));
  } else if (facts.cluster === undefined) {
    findings.push(
      ...nameFindings(request, facts, circumstances),
      ...quotaFindings(facts, circumstances),
    );
  }
  return findings;
}

/** The instant (ISO) at which the cluster's name is free, or undefined when it is free now or nobody knows. */
export function nameReleaseAt(
  facts: ProvisionFacts,
  { rules, now }: Circumstances,
): string | undefined {
  if (facts.deletedAt === undefined) return undefined;
  const release = Date.parse(facts.deletedAt) + rules.nameReservationDays * dayMs;
  return release > now ? new Date(release).toISOString() : undefined;
}

function nameFindings(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Finding[] {
  const release = nameReleaseAt(facts, circumstances);
  if (release === undefined) return [];
  const target = formatClusterId(request.cluster);
  const reason = `a cluster of this name was deleted at ${facts.deletedAt}; the name is held until ${release}`;
  if (request.onNameReserved === 'refuse') {
    return [blocker('name_reserved', 'R43', { reason, target })];
  }
  return [
    {
      code: 'name_release',
      severity: 'info',
      rule: 'R43',
      reason,
      remedy: 'The operation waits until then, as asked.',
      target,
    },
  ];
}

function quotaFindings(facts: ProvisionFacts, { rules }: Circumstances): Finding[] {
  if (facts.activeClusters < rules.activeClustersPerRegion) return [];
  const reason = `${facts.activeClusters} clusters are active in this region and subscription; ${rules.activeClustersPerRegion} are allowed`;
  return [blocker('quota_reached', 'R42', { reason, target: 'region' })];
}

function unknownTier(request: ProvisionRequest, refuses: boolean): Finding {
  return {
    code: 'unknown_tier',
    severity: refuses ? 'blocker' : 'warning',
    rule: 'R6',
    reason: `${request.capacityGbPerDay} GB/day is not among the published commitment tiers`,
    remedy: 'Check the tier; the service decides when the cluster is made.',
    target: 'capacityGbPerDay',
  };
}
