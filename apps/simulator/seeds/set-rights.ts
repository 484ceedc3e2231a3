import { randomUUID } from 'node:crypto';
import { listSubscriptions } from '../arm/scopes.ts';
import type { RoleAssignment } from '../authorization.ts';
import type { StoredPrincipal } from '../entra/directory.ts';
import { roleByName } from '../providers/authorization/built-in-roles.ts';
import { giveRole } from '../providers/authorization/role-assignments.ts';
import { saveCustomRole } from '../providers/authorization/roles.ts';
import { settleAccess } from '../storage/access.ts';
import type { Transaction } from '../store.ts';

/** What a principal shall hold at a scope from now on. */
export interface Rights {
  /** Name of an application of the tenant. */
  readonly principal: string;
  /** Display names of built-in roles; absent: those its seed gave it. */
  readonly roles?: readonly string[];
  /** Actions taken out of each of them, such as `Microsoft.KeyVault/vaults/write`; `*` is allowed. */
  readonly without?: readonly string[];
  /** ARM id; the subscription when absent. Assignments at other scopes stay. */
  readonly scope?: string;
}

/**
 * Gives a principal exactly these roles at a scope, in force at once, as if it had always been so. A role with
 * actions taken out is a custom role, as somebody would define it in Azure. Throws on an unknown name.
 */
export function setRights(tx: Transaction, rights: Rights): void {
  const principal = tx
    .list<StoredPrincipal>('principals')
    .find(({ kind, name }) => kind === 'application' && name === rights.principal);
  if (!principal) throw new Error(`setting rights: there is no principal ${rights.principal}`);
  const scope = rights.scope ?? `/subscriptions/${listSubscriptions(tx)[0]?.subscriptionId ?? ''}`;
  const roles = (rights.roles ?? principal.azureRoles ?? []).map((name) => roleByName(name));
  for (const assignment of tx.list<RoleAssignment>('roleAssignments')) {
    const here =
      assignment.principalId === principal.objectId &&
      assignment.scope.toLowerCase() === scope.toLowerCase();
    if (here) tx.remove('roleAssignments', assignment.id);
  }
  for (const role of roles) {
    const guid = narrowed(tx, { role, scope, without: rights.without ?? [] });
    giveRole(tx, { scope, principalId: principal.objectId, role: guid, name: randomUUID() });
  }
  settleAccess(tx);
}

/** The role, or a new custom one with the actions taken out. */
function narrowed(
  tx: Transaction,
  wanted: { role: ReturnType<typeof roleByName>; scope: string; without: readonly string[] },
): string {
  const { role, scope, without } = wanted;
  if (without.length === 0) return role.guid;
  const guid = randomUUID();
  const { permission } = role;
  saveCustomRole(tx, {
    guid,
    name: `${role.name} (restricted ${guid.slice(0, 8)})`,
    description: `${role.name} without ${without.join(', ')}`,
    type: 'CustomRole',
    assignableScopes: [scope],
    permissions: [
      {
        ...permission,
        notActions: [...permission.notActions, ...without],
        notDataActions: [...permission.notDataActions, ...without],
      },
    ],
  });
  return guid;
}
