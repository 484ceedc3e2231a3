import { formatClusterId, sameId, sameRegion } from './azure-ids.ts';
import { blocker, type Finding } from './findings.ts';
import { linkedElsewhere } from './linked-elsewhere.ts';
import type { Circumstances, ProvisionFacts, WorkspaceSeen } from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';
import { dayMs } from './service-rules.ts';

/** What is worth knowing about the workspaces before they are linked. */
export function workspaceFindings(
  request: ProvisionRequest,
  facts: ProvisionFacts,
  circumstances: Circumstances,
): Finding[] {
  return facts.workspaces.flatMap(
    (workspace) => findingOf(request, workspace) ?? budgetFinding(workspace, circumstances) ?? [],
  );
}

function findingOf(request: ProvisionRequest, workspace: WorkspaceSeen): Finding | undefined {
  const { id: target, region, linkedTo } = workspace;
  if (!workspace.exists) {
    const reason = 'the workspace does not exist or was deleted';
    return blocker('workspace_missing', 'R74', { reason, target });
  }
  if (region !== undefined && !sameRegion(region, request.region)) {
    const reason = `the workspace is in ${region}, the cluster is to be in ${request.region}`;
    return blocker('region_mismatch', 'R77', { reason, target });
  }
  if (linkedTo === undefined) return undefined;
  if (sameId(linkedTo, formatClusterId(request.cluster))) {
    return {
      code: 'already_linked',
      severity: 'info',
      rule: 'R21',
      reason: 'the workspace is linked to this cluster already',
      remedy: 'Nothing is to be done.',
      target,
    };
  }
  return linkedElsewhere(target, linkedTo);
}

/** Each workspace may be linked twice in thirty days; a third try would be refused by Azure (R71). */
function budgetFinding(
  { id: target, linkedAt = [] }: WorkspaceSeen,
  { rules, now, begun }: Circumstances,
): Finding | undefined {
  const spent = linkedAt.filter((at) => Date.parse(at) > now - rules.linkBudgetDays * dayMs);
  const oldest = spent[rules.linksPerWorkspace - 1];
  if (oldest === undefined || begun['link'] !== undefined) return undefined;
  const free = new Date(Date.parse(oldest) + rules.linkBudgetDays * dayMs).toISOString();
  return blocker('link_budget_spent', 'R71', {
    reason: `the workspace was linked ${spent.length} times in ${rules.linkBudgetDays} days`,
    remedy: `Ask again after ${free}, or have Microsoft's support lift the limit.`,
    target,
  });
}
