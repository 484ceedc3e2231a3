import { formatClusterId, parseVaultId, sameId } from './azure-ids.ts';
import type { Finding } from './findings.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { clusterFindings } from './provision-cluster-findings.ts';
import type { Circumstances, ProvisionFacts } from './provision-facts.ts';
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
    ...keyFindings(request, facts, circumstances),
    ...workspaceFindings(request, facts),
  ];
  return {
    steps: stepsOf(request, facts, circumstances.begun),
    findings,
    cost: {
      commitmentGbPerDay: request.capacityGbPerDay,
      lockDays: circumstances.rules.capacityLockDays,
    },
    losses: [],
    rulePack: circumstances.rules.name,
  };
}

function stepsOf(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  begun: readonly string[],
): PlannedStep[] {
  const { key, workspaces } = request;
  const cluster = formatClusterId(request.cluster);
  const vault = parseVaultId(key.vaultId)?.name ?? key.vaultId;
  const once = (name: string, needed: boolean, effect: 'create' | 'change') =>
    needed || begun.includes(name) ? effect : 'keep';
  const linked = workspaces.filter((id) =>
    facts.workspaces.some(
      (seen) =>
        sameId(seen.id, id) && seen.linkedTo !== undefined && sameId(seen.linkedTo, cluster),
    ),
  );
  const steps: PlannedStep[] = [
    {
      name: 'vault',
      title: `Vault ${vault}, recoverable`,
      target: key.vaultId,
      effect: once('vault', facts.vault === undefined, 'create'),
    },
    {
      name: 'vault-access',
      title: 'Our own access to the vault',
      target: key.vaultId,
      effect: once('vault-access', facts.vault?.ownAccess !== true, 'change'),
    },
    {
      name: 'key',
      title: key.source === 'generate' ? `Key ${key.name}, generated` : `Key ${key.name}, found`,
      target: `${key.vaultId}/keys/${key.name}`,
      effect: key.source === 'generate' ? 'create' : 'keep',
    },
    {
      name: 'cluster',
      title: `Cluster ${request.cluster.name}, ${request.capacityGbPerDay} GB/day`,
      target: cluster,
      effect: 'create',
    },
    {
      name: 'grant',
      title: 'Grant of the key to the cluster',
      target: key.vaultId,
      effect: 'change',
    },
    { name: 'bind', title: 'Bind the cluster to the key', target: cluster, effect: 'change' },
  ];
  if (workspaces.length > 0) {
    const count = workspaces.length === 1 ? '1 workspace' : `${workspaces.length} workspaces`;
    const effect = once('link', linked.length < workspaces.length, 'change');
    steps.push({ name: 'link', title: `Link ${count}`, target: workspaces.join(' '), effect });
  }
  return steps;
}
