import { formatClusterId, sameId } from './azure-ids.ts';
import type { Finding } from './findings.ts';
import { stepsToBind, stepsToKey } from './key-plan.ts';
import type { Loss, Plan, PlannedStep } from './plan.ts';
import { clusterFindings } from './provision-cluster-findings.ts';
import type { Circumstances, ProvisionFacts } from './provision-facts.ts';
import { identityFindings, rightFindings } from './provision-identity-findings.ts';
import { keyFindings } from './provision-key-findings.ts';
import type { ProvisionRequest } from './provision-request.ts';
import { workspaceFindings } from './provision-workspace-findings.ts';

/**
 * The plan of a provision: the steps in the order of R15, what is worth knowing, what it commits to.
 * The one function behind planOnly, acceptPlan and planning again on the lane.
 */
export function planProvision(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Omit<Plan, 'hash'> {
  const findings: Finding[] = [
    ...clusterFindings(request, facts, circumstances),
    ...identityFindings(facts),
    ...keyFindings(request, facts, circumstances),
    ...workspaceFindings(request, facts, circumstances),
    ...rightFindings(facts.missingRights),
  ];
  const steps = stepsOf(request, facts, circumstances);
  return {
    steps,
    findings,
    cost: {
      commitmentGbPerDay: request.capacityGbPerDay,
      lockDays: circumstances.rules.capacityLockDays,
    },
    losses: lossesOf(request, steps),
    rulePack: circumstances.rules.name,
  };
}

function stepsOf(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  { begun, probes }: Circumstances,
): PlannedStep[] {
  const { workspaces } = request;
  const cluster = formatClusterId(request.cluster);
  const linked = workspaces.filter((id) =>
    facts.workspaces.some(
      (seen) =>
        sameId(seen.id, id) && seen.linkedTo !== undefined && sameId(seen.linkedTo, cluster),
    ),
  );
  const { vault } = facts;
  const isGranted = facts.identity?.granted === true;
  const steps: PlannedStep[] = [
    ...stepsToKey(request, vault, begun),
    {
      name: 'cluster',
      title: `Cluster ${request.cluster.name}, ${request.capacityGbPerDay} GB/day`,
      target: cluster,
      effect: 'create',
    },
    ...stepsToBind(request, isGranted, begun),
  ];
  if (workspaces.length > 0) {
    const count = workspaces.length === 1 ? '1 workspace' : `${workspaces.length} workspaces`;
    const effect = begun['link'] ?? (linked.length < workspaces.length ? 'change' : 'keep');
    const target = workspaces.join(' ');
    steps.push({ name: 'link', title: `Link ${count}`, target, effect });
    if (probes) {
      const title = 'Ingestion and queries, seen working';
      steps.push({ name: 'probe', title, target, effect: 'keep' });
    }
  }
  return steps;
}

/** Purge protection stays for ever once it is on (R27): a second person says yes to it. */
function lossesOf({ key }: ProvisionRequest, steps: readonly PlannedStep[]): Loss[] {
  const protects = steps.some(({ name, effect }) => name === 'vault' && effect === 'change');
  if (!protects) return [];
  const text = 'The vault can never again be purged before its retention ends.';
  return [{ id: `purge-protection ${key.vaultId.toLowerCase()}`, text }];
}
