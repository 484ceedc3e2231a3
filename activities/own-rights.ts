import type { Azure, Call, PermissionFacts, VaultFacts } from '#libs/azure/azure.ts';
import type { NeededRight } from '#libs/domain/provision-facts.ts';
import { allows } from '#libs/domain/provision-rights.ts';
import { ownKeyDataActions, ownKeyPermissions } from '#libs/domain/service-rules.ts';

import { holds } from './access-policies.ts';

/**
 * Which of the rights Keyturn lacks. Asked at the groups first, which mostly answers for all that is in
 * them, and at the resources themselves only where a group did not allow it.
 */
export async function missingRights(
  azure: Azure,
  needed: readonly NeededRight[],
  call: Call,
): Promise<NeededRight[]> {
  const atGroups = await permissionsAt(
    azure,
    needed.map(({ group }) => group),
    call,
  );
  const open = needed.filter(({ action, group }) => !allows(atGroups(group), action));
  const atResources = await permissionsAt(
    azure,
    open.map(({ scope }) => scope),
    call,
  );
  return open.filter(({ action, scope }) => !allows(atResources(scope), action));
}

/** Whether Keyturn may make, find and switch keys in the vault, by the model the vault goes by (R46). */
export async function hasOwnAccess(azure: Azure, vault: VaultFacts, call: Call): Promise<boolean> {
  if (!vault.rbac) {
    return holds(vault, { principalId: await azure.self(), permissions: ownKeyPermissions });
  }
  const { value } = await azure.roles.ownPermissions(vault.id, call);
  const held = value.map(({ dataActions, notDataActions }) => ({
    actions: dataActions,
    notActions: notDataActions,
  }));
  return ownKeyDataActions.every((action) => allows(held, action));
}

async function permissionsAt(
  azure: Azure,
  scopes: readonly string[],
  call: Call,
): Promise<(scope: string) => readonly PermissionFacts[]> {
  const distinct = [...new Set(scopes.map((scope) => scope.toLowerCase()))];
  const read = await Promise.all(
    distinct.map(async (scope) => {
      const { value } = await azure.roles.ownPermissions(scope, call);
      return [scope, value] as const;
    }),
  );
  const held = new Map(read);
  return (scope) => held.get(scope.toLowerCase()) ?? [];
}
