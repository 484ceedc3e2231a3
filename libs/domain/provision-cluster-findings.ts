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
      reason: `${request.capacityGbPerDay} GB/day (${request.capacityGbPerDay * rules.capacityLockDays} GB in ${rules.capacityLockDays} days) are billed from creation and cannot be lowered for ${rules.capacityLockDays} days`,
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
  if (facts.cluster !== undefined && begun['cluster'] === undefined) {
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
  const deletedAt = facts.deletions?.ofThisName;
  if (deletedAt === undefined) return undefined;
  const release = Date.parse(deletedAt) + rules.nameReservationDays * dayMs;
  return release > now ? new Date(release).toISOString() : undefined;
}

function nameFindings(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Finding[] {
  const target = formatClusterId(request.cluster);
  if (facts.deletions === undefined) return [releaseUnknown(target)];
  const release = nameReleaseAt(facts, circumstances);
  if (release === undefined) return [];
  const reason = `a cluster of this name was deleted at ${facts.deletions.ofThisName}; the name is held until ${release}`;
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

const releaseUnknown = (target: string): Finding => ({
  code: 'release_unknown',
  severity: 'warning',
  rule: 'R160',
  reason: 'the activity log cannot be read; whether a deleted cluster holds the name is not known',
  remedy: 'Give the identity of Keyturn a role with Microsoft.Insights/eventtypes/values/read.',
  target,
});

function quotaFindings(facts: ProvisionFacts, { rules }: Circumstances): Finding[] {
  const { activeClusters: active, deletions } = facts;
  if (active >= rules.activeClustersPerRegion) {
    const reason = `${active} clusters are active in this region and subscription; ${rules.activeClustersPerRegion} are allowed`;
    return [blocker('quota_reached', 'R42', { reason, target: 'region' })];
  }
  const deleted = deletions?.count ?? 0;
  if (active + deleted < rules.reservedClustersPerRegion) return [];
  return [
    {
      code: 'slots_reserved',
      severity: 'warning',
      rule: 'R42',
      // The log does not say in which region a deleted cluster was.
      reason: `${active} active and up to ${deleted} deleted clusters hold slots; ${rules.reservedClustersPerRegion} are allowed in a region`,
      remedy: `If Azure refuses, wait until a deleted cluster is released after ${rules.nameReservationDays} days.`,
      target: 'region',
    },
  ];
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
