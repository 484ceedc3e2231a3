import {
  formatClusterId,
  groupIdOf,
  parseUserAssignedIdentityId,
  parseVaultId,
  parseWorkspaceId,
  sameId,
} from './azure-ids.ts';
import type { IdentitySeen, NeededRight, ProvisionFacts } from './provision-facts.ts';
import type { ProvisionRequest } from './provision-request.ts';

/** Patterns of actions that somebody may take; one of these for each role held. */
export interface HeldRights {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

type RightsQuestion = Pick<ProvisionRequest, 'cluster' | 'identity' | 'key' | 'workspaces'>;
type Seen = Pick<ProvisionFacts, 'vault'> & {
  readonly identity?: Pick<IdentitySeen, 'granted'>;
};

/**
 * Every action that a provision takes in Azure Resource Manager, by its name (R51, R52, R68; the
 * permissions table of the dedicated-cluster article): what is there already needs less.
 */
export function neededRights(request: RightsQuestion, seen: Seen): NeededRight[] {
  return [
    ...rightsOn(
      { id: formatClusterId(request.cluster), group: groupIdOf(request.cluster) },
      'Microsoft.OperationalInsights/clusters/read',
      'Microsoft.OperationalInsights/clusters/write',
    ),
    ...identityRights(request),
    ...vaultRights(request, seen),
    ...request.workspaces.flatMap((id) => {
      const workspace = parseWorkspaceId(id);
      return workspace === undefined
        ? []
        : rightsOn(
            { id, group: groupIdOf(workspace) },
            'Microsoft.OperationalInsights/workspaces/read',
            'Microsoft.OperationalInsights/workspaces/write',
            'Microsoft.OperationalInsights/workspaces/linkedServices/write',
          );
    }),
  ];
}

/** Whether one of the roles allows an action: a pattern matches it and no exclusion of that role does. */
export function allows(held: readonly HeldRights[], action: string): boolean {
  return held.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matches(pattern, action)) &&
      !notActions.some((pattern) => matches(pattern, action)),
  );
}

function identityRights({ identity }: RightsQuestion): NeededRight[] {
  const id =
    identity.type === 'UserAssigned' ? parseUserAssignedIdentityId(identity.id) : undefined;
  if (identity.type !== 'UserAssigned' || id === undefined) return [];
  return rightsOn(
    { id: identity.id, group: groupIdOf(id) },
    'Microsoft.ManagedIdentity/userAssignedIdentities/read',
    'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  );
}

function vaultRights({ key }: RightsQuestion, { vault, identity }: Seen): NeededRight[] {
  const id = parseVaultId(key.vaultId);
  if (id === undefined) return [];
  const writesVault = vault === undefined || !vault.softDelete || !vault.purgeProtection;
  const grants = vault?.ownAccess !== true || identity?.granted !== true;
  const grantAction =
    vault?.rbac === true
      ? 'Microsoft.Authorization/roleAssignments/write'
      : 'Microsoft.KeyVault/vaults/accessPolicies/write';
  return rightsOn(
    { id: key.vaultId, group: groupIdOf(id) },
    'Microsoft.KeyVault/vaults/read',
    ...(writesVault ? ['Microsoft.KeyVault/vaults/write'] : []),
    ...(grants ? [grantAction] : []),
  );
}

const rightsOn = (
  { id, group }: { id: string; group: string },
  ...actions: readonly string[]
): NeededRight[] => actions.map((action) => ({ action, scope: id, group }));

/** Patterns of roles hold `*` anywhere; case does not count. */
function matches(pattern: string, action: string): boolean {
  if (!pattern.includes('*')) return sameId(pattern, action);
  const parts = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'iu').test(action);
}
