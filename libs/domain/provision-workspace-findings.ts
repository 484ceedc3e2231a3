import { formatClusterId, sameId, sameRegion } from './azure-ids.ts';
import type { Finding } from './findings.ts';
import type { ProvisionFacts, WorkspaceSeen } from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';
import { refusalCodes } from './refusal-codes.ts';

/** What is worth knowing about the workspaces before they are linked. */
export function workspaceFindings(request: ProvisionRequest, facts: ProvisionFacts): Finding[] {
  return facts.workspaces.flatMap((workspace) => findingOf(request, workspace) ?? []);
}

function findingOf(request: ProvisionRequest, workspace: WorkspaceSeen): Finding | undefined {
  const { id: target, region, linkedTo } = workspace;
  if (!workspace.exists) {
    return {
      code: 'workspace_missing',
      severity: 'blocker',
      rule: 'R74',
      reason: 'the workspace does not exist or was deleted',
      remedy: refusalCodes.workspace_missing.remedy,
      target,
    };
  }
  if (region !== undefined && !sameRegion(region, request.region)) {
    return {
      code: 'region_mismatch',
      severity: 'blocker',
      rule: 'R77',
      reason: `the workspace is in ${region}, the cluster is to be in ${request.region}`,
      remedy: refusalCodes.region_mismatch.remedy,
      target,
    };
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
  return {
    code: 'linked_elsewhere',
    severity: 'blocker',
    rule: 'R72',
    reason: `the workspace is linked to ${linkedTo}`,
    remedy: refusalCodes.linked_elsewhere.remedy,
    target,
  };
}
