import { AzureFault } from '../../azure-fault.ts';
import type { RoleAssignment } from '../../authorization.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { settleAccess } from '../../storage/access.ts';
import type { RolePermission } from './built-in-roles.ts';
import { findRole, listRoles, removeCustomRole, saveCustomRole } from './roles.ts';
import type { Role } from './roles.ts';

const BASE = 'providers/Microsoft.Authorization/roleDefinitions';
const GUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/iu;
const apiVersions = ['2022-04-01', '2022-05-01-preview', '2018-07-01'];

/** Microsoft.Authorization/roleDefinitions: reading at any scope and at the tenant's root, writing at a scope. */
export const roleDefinitionRoutes: readonly Route[] = [
  ...['', '/{scope*}'].flatMap((scope): Route[] => [
    { service: 'arm', method: 'GET', path: `${scope}/${BASE}`, apiVersions, handle: list },
    { service: 'arm', method: 'GET', path: `${scope}/${BASE}/{guid}`, apiVersions, handle: read },
  ]),
  {
    service: 'arm',
    method: 'PUT',
    path: `/{scope*}/${BASE}/{guid}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleDefinitions/write',
    handle: define,
  },
  {
    service: 'arm',
    method: 'DELETE',
    path: `/{scope*}/${BASE}/{guid}`,
    apiVersions,
    action: 'Microsoft.Authorization/roleDefinitions/delete',
    handle: remove,
  },
];

function list(call: Call): Answer {
  const filter = call.query.get('$filter') ?? '';
  const name = /roleName\s+eq\s+'([^']*)'/iu.exec(filter)?.[1];
  const type = /type\s+eq\s+'([^']*)'/iu.exec(filter)?.[1];
  const wanted = listRoles(call.tx).filter(
    (role) =>
      (name === undefined || sameText(role.name, name)) &&
      (type === undefined || sameText(role.type, type)),
  );
  return { status: 200, body: { value: wanted.map((role) => present(role, call)) } };
}

function read(call: Call): Answer {
  const guid = call.params.guid ?? '';
  const role = findRole(call.tx, guid);
  if (role === undefined) {
    throw new AzureFault(404, {
      code: 'RoleDefinitionDoesNotExist',
      message: `The specified role definition with ID '${guid}' does not exist.`,
    });
  }
  return { status: 200, body: present(role, call) };
}

/** Makes or changes a custom role; who holds it has the changed permissions at once. */
function define(call: Call): Answer {
  const { tx } = call;
  const guid = (call.params.guid ?? '').toLowerCase();
  const known = findRole(tx, guid);
  if (!GUID.test(guid)) throw refuse('InvalidRoleDefinitionId', `The ID '${guid}' is not a GUID.`);
  if (known?.type === 'BuiltInRole') {
    throw refuse('RoleDefinitionCannotBeModified', 'Built-in roles cannot be changed.');
  }
  const role = { guid, type: 'CustomRole' as const, ...readBody(call) };
  const twin = listRoles(tx).some(
    (other) => other.guid !== guid && sameText(other.name, role.name),
  );
  if (twin) {
    throw new AzureFault(409, {
      code: 'RoleDefinitionWithSameNameExists',
      message:
        'A custom role with the same name already exists in this directory. Use a different name',
    });
  }
  saveCustomRole(tx, role);
  settleAccess(tx);
  tx.note(`role ${role.name} defined`);
  return { status: 201, body: present(role, call) };
}

function remove(call: Call): Answer {
  const { tx } = call;
  const role = findRole(tx, call.params.guid ?? '');
  if (role === undefined) return { status: 204 };
  if (role.type === 'BuiltInRole') {
    throw refuse('RoleDefinitionCannotBeModified', 'Built-in roles cannot be deleted.');
  }
  const held = tx
    .list<RoleAssignment>('roleAssignments')
    .some((assignment) => assignment.role === role.guid && assignment.lingersUntil === undefined);
  if (held) {
    throw refuse(
      'RoleDefinitionHasAssignments',
      `There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).`,
    );
  }
  removeCustomRole(tx, role.guid);
  tx.note(`role ${role.name} deleted`);
  return { status: 200, body: present(role, call) };
}

function readBody(call: Call): Omit<Role, 'guid' | 'type'> {
  const body = call.body as { properties?: Record<string, unknown> } | undefined;
  const { roleName, description, permissions, assignableScopes } = body?.properties ?? {};
  const scopes = assignableScopes ?? [`/${call.params.scope ?? ''}`];
  if (typeof roleName !== 'string' || roleName === '' || !Array.isArray(permissions)) {
    throw malformed();
  }
  if (!isWords(scopes)) throw malformed();
  return {
    name: roleName,
    description: typeof description === 'string' ? description : '',
    assignableScopes: scopes,
    permissions: permissions.map(readPermission),
  };
}

function readPermission(given: unknown): RolePermission {
  const empty: string[] = [];
  const part = typeof given === 'object' && given !== null ? given : {};
  const whole = {
    actions: empty,
    notActions: empty,
    dataActions: empty,
    notDataActions: empty,
    ...part,
  };
  const { actions, notActions, dataActions, notDataActions } = whole;
  const read = { actions, notActions, dataActions, notDataActions };
  if (Object.values(read).every((words) => isWords(words))) return read;
  throw malformed();
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string');
}

function malformed(): AzureFault {
  return refuse(
    'InvalidRequestContent',
    'The request content was invalid and could not be deserialized.',
  );
}

function refuse(code: string, message: string): AzureFault {
  return new AzureFault(400, { code, message });
}

function present(role: Role, call: Call) {
  const subscription = /^subscriptions\/[^/]+/iu.exec(call.params.scope ?? '')?.[0];
  return {
    properties: {
      roleName: role.name,
      type: role.type,
      description: role.description,
      assignableScopes: role.assignableScopes,
      permissions: role.permissions,
    },
    id: `${subscription === undefined ? '' : `/${subscription}`}/${BASE}/${role.guid}`,
    type: 'Microsoft.Authorization/roleDefinitions',
    name: role.guid,
  };
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
