import { formatClusterId, parseVaultId, sameId } from './azure-ids.ts';
import type { Finding } from './findings.ts';
import type { Loss, Plan, PlannedStep } from './plan.ts';
import { clusterFindings } from './provision-cluster-findings.ts';
import type { Circumstances, ProvisionFacts } from './provision-facts.ts';
import { identityFindings, rightFindings } from './provision-identity-findings.ts';
import { isRecoverable } from './key-state.ts';
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
  const { key, workspaces } = request;
  const cluster = formatClusterId(request.cluster);
  const vault = parseVaultId(key.vaultId)?.name ?? key.vaultId;
  const once = (name: string, effect: PlannedStep['effect']) => begun[name] ?? effect;
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
      effect: once('vault', vaultEffect(facts.vault)),
    },
    {
      name: 'vault-access',
      title: 'Our own access to the vault',
      target: key.vaultId,
      effect: once('vault-access', facts.vault?.ownAccess === true ? 'keep' : 'change'),
    },
    {
      name: 'key',
      title: `Key ${key.name}, ${keyIs[key.source]}`,
      target: `${key.vaultId}/keys/${key.name}`,
      effect: key.source === 'use' ? 'keep' : 'create',
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
      effect: once('grant', facts.identity?.granted === true ? 'keep' : 'change'),
    },
    { name: 'bind', title: 'Bind the cluster to the key', target: cluster, effect: 'change' },
  ];
  if (workspaces.length > 0) {
    const count = workspaces.length === 1 ? '1 workspace' : `${workspaces.length} workspaces`;
    const effect = once('link', linked.length < workspaces.length ? 'change' : 'keep');
    const target = workspaces.join(' ');
    steps.push({ name: 'link', title: `Link ${count}`, target, effect });
    if (probes) {
      const title = 'Ingestion and queries, seen working';
      steps.push({ name: 'probe', title, target, effect: 'keep' });
    }
  }
  return steps;
}

const keyIs = { generate: 'generated', use: 'found', import: 'imported' } as const;

function vaultEffect(vault: ProvisionFacts['vault']): PlannedStep['effect'] {
  if (vault === undefined) return 'create';
  return isRecoverable(vault) ? 'keep' : 'change';
}

/** Purge protection stays for ever once it is on (R27): a second person says yes to it. */
function lossesOf({ key }: ProvisionRequest, steps: readonly PlannedStep[]): Loss[] {
  const protects = steps.some(({ name, effect }) => name === 'vault' && effect === 'change');
  if (!protects) return [];
  const text = 'The vault can never again be purged before its retention ends.';
  return [{ id: `purge-protection ${key.vaultId.toLowerCase()}`, text }];
}
