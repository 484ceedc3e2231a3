import { requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import type { Call } from '../../route.ts';
import { findWorkspace } from './documents.ts';
import type { Workspace } from './documents.ts';

/** The workspace id of a path as the service spells it. */
export function workspaceIdOf(call: Call): string {
  const { subscriptionId, workspace } = call.params;
  const group = requireGroup(call);
  return `/subscriptions/${subscriptionId}/resourceGroups/${group.name}/providers/Microsoft.OperationalInsights/workspaces/${workspace}`;
}

/** The workspace of something that hangs on it: R118 and R121 have the same words for link and unlink. */
export function requireLinkedWorkspace(call: Call): Workspace {
  const workspace = findWorkspace(call.tx, workspaceIdOf(call));
  if (workspace) return workspace;
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: 'Workspace not found. The workspace you specified doesn’t exist or was deleted.',
  });
}
