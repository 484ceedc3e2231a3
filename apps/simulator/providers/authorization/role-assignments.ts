import { covers } from '../../authorization.ts';
import type { RoleAssignment } from '../../authorization.ts';
import { AzureFault } from '../../azure-fault.ts';
import { ACCESS_CHANGED } from '../../storage/access-news.ts';
import { defineEffect } from '../../effects.ts';
import { findVault, vaultNameOfId } from '../../key-vault/vault-documents.ts';
import type { Answer, Call, Route } from '../../route.ts';
import type { Transaction } from '../../store.ts';
import { isSpread } from '../../entra/directory.ts';
import { roleByName } from './built-in-roles.ts';
import { findRole } from './roles.ts';

const BASE = 'providers/Microsoft.Authorization/roleAssignments';
const GUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const apiVersions = ['2022-04-01', '2020-10-01-preview', '2020-04-01-preview', '2018-07-01'];

/** How long a new assignment takes to count: Azure says up to ten minutes (R49). */
const ACTIVATION_MS = 120_000;
/** How long a deleted one goes on counting: decisions are cached for minutes (azure-docs, RBAC troubleshooting). */
const REMOVAL_MS = 180_000;

/** Microsoft.Authorization/roleAssignments at any scope. */
export const roleAssignmentRoutes: readonly Route[] = [
  {
    service: 'arm',
    method: 'PUT',
    path: `/{scope*}/${BASE}/{name}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleAssignments/write',
    handle: assign,
  },
  {
    service: 'arm',
    method: 'GET',
    path: `/{scope*}/${BASE}/{name}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleAssignments/read',
    handle: read,
  },
  {
    service: 'arm',
    method: 'DELETE',
    path: `/{scope*}/${BASE}/{name}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleAssignments/delete',
    handle: remove,
  },
  {
    service: 'arm',
    method: 'GET',
    path: `/{scope*}/${BASE}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleAssignments/read',
    handle: list,
  },
];

/**
 * Gives a role that counts at once: how a seed describes a world that has stood for a while. `role` is a GUID, or the
 * display name of a built-in role; throws when there is no such role.
 */
export function giveRole(
  tx: Transaction,
  grant: { scope: string; principalId: string; role: string; name: string },
): void {
  const id = `${grant.scope}/${BASE}/${grant.name}`;
  const assignment: RoleAssignment = {
    id,
    name: grant.name,
    scope: grant.scope,
    role: findRole(tx, grant.role)?.guid ?? roleByName(grant.role).guid,
    principalId: grant.principalId,
    principalType: 'ServicePrincipal',
    createdAt: tx.now,
    updatedAt: tx.now,
    createdBy: grant.principalId,
    activeAt: tx.now,
  };
  tx.put('roleAssignments', id, assignment);
}

/** Takes away every assignment at a scope or below it: what the deletion of a resource does (R161). */
export function dropAssignmentsUnder(tx: Transaction, scope: string): void {
  for (const assignment of tx.list<RoleAssignment>('roleAssignments')) {
    if (covers(scope, assignment.scope)) tx.remove('roleAssignments', assignment.id);
  }
}

defineEffect('role assignment forgotten', (tx, { id }: { id: string }) => {
  const assignment = tx.get<RoleAssignment>('roleAssignments', id);
  if (assignment?.lingersUntil !== undefined && assignment.lingersUntil <= tx.now) {
    tx.remove('roleAssignments', id);
  }
});

function assign(call: Call): Answer {
  const { tx } = call;
  const asked = readBody(call);
  const present = tx.get<RoleAssignment>('roleAssignments', asked.id);
  const existing = present?.lingersUntil === undefined ? present : undefined;
  if (existing !== undefined) return repeatOrRefuse(existing, asked);
  refuseTwin(tx, asked);
  const known = isSpread(tx, asked.principalId) ? 'ServicePrincipal' : undefined;
  const principalType = asked.principalType ?? known;
  if (principalType === undefined) throw principalNotFound(call, asked.principalId);
  const assignment: RoleAssignment = {
    ...asked,
    principalType,
    createdAt: tx.now,
    updatedAt: tx.now,
    createdBy: call.principal?.objectId ?? '',
    activeAt: tx.afterWork(ACTIVATION_MS, ACCESS_CHANGED, {}),
  };
  tx.put('roleAssignments', assignment.id, assignment);
  tx.note(`role ${findRole(tx, assignment.role)?.name ?? assignment.role} assigned`);
  return { status: 201, body: toArm(assignment) };
}

function repeatOrRefuse(existing: RoleAssignment, asked: Asked): Answer {
  const same =
    existing.principalId.toLowerCase() === asked.principalId.toLowerCase() &&
    existing.role === asked.role;
  if (same) return { status: 200, body: toArm(existing) };
  throw new AzureFault(400, {
    code: 'RoleAssignmentUpdateNotPermitted',
    message: 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
  });
}

/** The same principal, role and scope may be assigned once only, whatever the GUID (RBAC troubleshooting). */
function refuseTwin(tx: Transaction, asked: Asked): void {
  const twin = visible(tx).some(
    (other) =>
      other.role === asked.role &&
      other.principalId.toLowerCase() === asked.principalId.toLowerCase() &&
      other.scope.toLowerCase() === asked.scope.toLowerCase(),
  );
  if (!twin) return;
  throw new AzureFault(409, {
    code: 'RoleAssignmentExists',
    message: 'The role assignment already exists.',
  });
}

function principalNotFound(call: Call, principalId: string): AzureFault {
  const tenant = call.principal?.tenantId ?? '';
  return new AzureFault(400, {
    code: 'PrincipalNotFound',
    message: `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${tenant}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.`,
  });
}

function read(call: Call): Answer {
  const assignment = find(call);
  if (assignment === undefined) throw notFound(call);
  return { status: 200, body: toArm(assignment) };
}

/** Repeated on an absent assignment it answers 204, as Azure does. */
function remove(call: Call): Answer {
  const assignment = find(call);
  if (assignment === undefined) return { status: 204 };
  const { tx } = call;
  const lingersUntil = tx.afterWork(REMOVAL_MS, 'role assignment forgotten', {
    id: assignment.id,
  });
  tx.afterWork(REMOVAL_MS, ACCESS_CHANGED, {});
  tx.put('roleAssignments', assignment.id, { ...assignment, lingersUntil });
  tx.note(`role ${findRole(tx, assignment.role)?.name ?? assignment.role} removed`);
  return { status: 200, body: toArm(assignment) };
}

function list(call: Call): Answer {
  const scope = `/${call.params.scope ?? ''}`;
  const filter = call.query.get('$filter') ?? '';
  const principalId = /(?:principalId\s+eq\s+|assignedTo\()'([^']*)'/i.exec(filter)?.[1];
  const onlyAtOrAbove = /atScope\(\)/i.test(filter);
  const value = visible(call.tx)
    .filter((assignment) => {
      const atOrAbove = covers(assignment.scope, scope);
      return atOrAbove || (!onlyAtOrAbove && covers(scope, assignment.scope));
    })
    .filter(
      (assignment) =>
        principalId === undefined ||
        assignment.principalId.toLowerCase() === principalId.toLowerCase(),
    )
    .map(toArm);
  return { status: 200, body: { value } };
}

function visible(tx: Transaction): RoleAssignment[] {
  return tx
    .list<RoleAssignment>('roleAssignments')
    .filter((assignment) => assignment.lingersUntil === undefined);
}

function find(call: Call): RoleAssignment | undefined {
  const id = `/${call.params.scope ?? ''}/${BASE}/${call.params.name ?? ''}`;
  const assignment = call.tx.get<RoleAssignment>('roleAssignments', id);
  return assignment?.lingersUntil === undefined ? assignment : undefined;
}

function notFound(call: Call): AzureFault {
  return new AzureFault(404, {
    code: 'RoleAssignmentNotFound',
    message: `The role assignment '${call.params.name ?? ''}' is not found.`,
  });
}

type Asked = Pick<RoleAssignment, 'id' | 'name' | 'scope' | 'role' | 'principalId'> & {
  principalType?: string;
  description?: string;
};

function readBody(call: Call): Asked {
  const { scope: rawScope = '', name = '' } = call.params;
  const scope = `/${rawScope}`;
  if (!GUID.test(name)) {
    throw new AzureFault(400, {
      code: 'InvalidRoleAssignmentId',
      message: `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    });
  }
  const body = call.body as { properties?: Partial<Record<string, string>> } | undefined;
  const { roleDefinitionId, principalId, principalType, description } = body?.properties ?? {};
  if (typeof roleDefinitionId !== 'string' || !GUID.test(principalId ?? '')) {
    throw new AzureFault(400, {
      code: 'InvalidRequestContent',
      message: 'The request content was invalid and could not be deserialized.',
    });
  }
  const guid = roleDefinitionId.split('/').at(-1) ?? '';
  const role = findRole(call.tx, guid)?.guid;
  if (role === undefined) {
    throw new AzureFault(404, {
      code: 'RoleDefinitionDoesNotExist',
      message: `The specified role definition with ID '${guid.replaceAll('-', '')}' does not exist.`,
    });
  }
  refuseAbsentVault(call.tx, scope);
  return {
    id: `${scope}/${BASE}/${name}`,
    name,
    scope,
    role,
    principalId: principalId ?? '',
    ...(principalType !== undefined && { principalType }),
    ...(description !== undefined && { description }),
  };
}

function refuseAbsentVault(tx: Transaction, scope: string): void {
  const vaultName = vaultNameOfId(scope);
  if (vaultName === undefined || findVault(tx, vaultName) !== undefined) return;
  const group = /\/resourceGroups\/([^/]+)/i.exec(scope)?.[1] ?? '';
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource 'Microsoft.KeyVault/vaults/${vaultName}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

function toArm(assignment: RoleAssignment) {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(assignment.scope)?.[0] ?? '';
  return {
    properties: {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${assignment.role}`,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      condition: null,
      conditionVersion: null,
      createdOn: new Date(assignment.createdAt).toISOString(),
      updatedOn: new Date(assignment.updatedAt).toISOString(),
      createdBy: assignment.createdBy,
      updatedBy: assignment.createdBy,
      delegatedManagedIdentityResourceId: null,
      description: assignment.description ?? null,
    },
    id: assignment.id,
    type: 'Microsoft.Authorization/roleAssignments',
    name: assignment.name,
  };
}
