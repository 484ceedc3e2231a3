import type {
  AuthorizationManagementClient,
  Permission,
  RoleAssignment,
} from '@azure/arm-authorization';
import { v5 } from 'uuid';
import { AzureError } from './azure-error.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** Namespace of the names of our role assignments; changing it would make each of them a second time. */
const assignmentNames = '5f0b8f0e-58c3-4d6e-9c0e-2b7d1f2a9c41';

/** A role that a principal has at a scope, inherited ones included. */
export interface RoleAssignmentFacts {
  id: string;
  /** Resource id of a vault or key, or of what lies above it. */
  scope: string;
  principalId: string;
  /** GUID of the role, lower case. */
  role: string;
}

/** Who is to have which role where. */
export interface RoleOrder {
  /** Resource id. */
  scope: string;
  principalId: string;
  /** GUID of the role. */
  role: string;
}

/** What somebody may do at a scope, in patterns of actions; one entry per role. */
export interface PermissionFacts {
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
}

/** Microsoft.Authorization. Every method throws AzureError. */
export interface Roles {
  /** The roles a principal has at a scope, given there or above it. */
  assignments(
    asked: { scope: string; principalId: string },
    call: Call,
  ): Promise<Seen<RoleAssignmentFacts[]>>;
  /** All roles at a scope, whoever has them, given there or above it. */
  assignmentsAt(scope: string, call: Call): Promise<Seen<RoleAssignmentFacts[]>>;
  /** Gives a role; given already, by whomever, it stays as it is. */
  assign(order: RoleOrder, call: Call): Promise<Seen<void>>;
  /** Takes an assignment away by its id; gone already is as good. */
  remove(assignmentId: string, call: Call): Promise<Seen<void>>;
  /** What we ourselves may do at a resource group or a resource; nothing, where Azure will not say. */
  ownPermissions(scope: string, call: Call): Promise<Seen<PermissionFacts[]>>;
}

export function createRoles({ wire, roles }: SdkClients): Roles {
  return {
    assignments: async ({ scope, principalId }, call) =>
      await list({ scope, filter: `assignedTo('${principalId}')` }, call),
    assignmentsAt: async (scope, call) => await list({ scope, filter: 'atScope()' }, call),
    async assign({ scope, principalId, role }, call) {
      const deed = { doing: `giving a role to ${principalId} at`, target: scope };
      // The same three always give the same name, so that a repeat finds its own (azure-domain 4.3).
      const name = v5(`${scope}/${principalId}/${role}`.toLowerCase(), assignmentNames);
      try {
        const { requestId } = await wire.ask(deed, call, (options) =>
          clientOf(roles, scope).roleAssignments.create(
            scope,
            name,
            {
              principalId,
              roleDefinitionId: roleDefinitionId(scope, role),
              // Spares Azure the look into its directory, where a fresh identity is still missing.
              principalType: 'ServicePrincipal',
            },
            options,
          ),
        );
        return { value: undefined, requestId };
      } catch (error) {
        if (!(error instanceof AzureError) || error.code !== 'RoleAssignmentExists') throw error;
        return { value: undefined, requestId: error.requestId ?? '' };
      }
    },
    async remove(assignmentId, call) {
      const deed = { doing: 'removing role assignment', target: assignmentId };
      const { requestId } = await wire.read(deed, call, (options) =>
        clientOf(roles, assignmentId).roleAssignments.deleteById(assignmentId, options),
      );
      return { value: undefined, requestId };
    },
    async ownPermissions(scope, call) {
      const deed = { doing: 'reading our own permissions at', target: scope };
      try {
        return await wire.ask(deed, call, async (options) => {
          const held: PermissionFacts[] = [];
          const pages = permissionPages(clientOf(roles, scope), scope, options);
          for await (const permission of pages) held.push(toPermissionFacts(permission));
          return held;
        });
      } catch (error) {
        const unseen = error instanceof AzureError && [403, 404].includes(error.status ?? 0);
        if (!unseen) throw error;
        return { value: [], requestId: error.requestId ?? '' };
      }
    },
  };

  async function list(
    { scope, filter }: { scope: string; filter: string },
    call: Call,
  ): Promise<Seen<RoleAssignmentFacts[]>> {
    const deed = { doing: 'listing role assignments at', target: scope };
    return await wire.ask(deed, call, async (options) => {
      const found: RoleAssignmentFacts[] = [];
      const { roleAssignments } = clientOf(roles, scope);
      for await (const assignment of roleAssignments.listForScope(scope, { ...options, filter }))
        found.push(toFacts(assignment));
      return found;
    });
  }
}

function permissionPages(
  client: AuthorizationManagementClient,
  scope: string,
  options: { abortSignal: AbortSignal },
) {
  const [, , , , group = '', , provider, type = '', name = ''] = scope.split('/');
  return provider === undefined
    ? client.permissions.listForResourceGroup(group, options)
    : client.permissions.listForResource(group, provider, '', type, name, options);
}

const clientOf = (roles: SdkClients['roles'], scope: string) => roles(scope.split('/')[2] ?? '');

const roleDefinitionId = (scope: string, role: string): string =>
  `/subscriptions/${scope.split('/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${role}`;

const toFacts = ({ id, scope, principalId, roleDefinitionId: role }: RoleAssignment) => ({
  id: id ?? '',
  scope: scope ?? '',
  principalId: principalId ?? '',
  role: (role ?? '').split('/').at(-1)?.toLowerCase() ?? '',
});

function toPermissionFacts(permission: Permission): PermissionFacts {
  const { actions = [], notActions = [], dataActions = [], notDataActions = [] } = permission;
  return { actions, notActions, dataActions, notDataActions };
}
