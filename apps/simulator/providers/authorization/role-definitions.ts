import { AzureFault } from '../../azure-fault.ts';
import type { Call, Route } from '../../route.ts';
import { builtInRoles, roleByGuid } from './built-in-roles.ts';
import type { BuiltInRole } from './built-in-roles.ts';

const BASE = 'providers/Microsoft.Authorization/roleDefinitions';
const apiVersions = ['2022-04-01', '2022-05-01-preview', '2018-07-01'];

/** Microsoft.Authorization/roleDefinitions: the built-in roles, at any scope and at the tenant's root. */
export const roleDefinitionRoutes: readonly Route[] = ['', '/{scope*}'].flatMap((scope) => [
  { service: 'arm', method: 'GET', path: `${scope}/${BASE}`, apiVersions, handle: list },
  { service: 'arm', method: 'GET', path: `${scope}/${BASE}/{guid}`, apiVersions, handle: read },
]);

function list(call: Call) {
  const name = /roleName\s+eq\s+'([^']*)'/i.exec(call.query.get('$filter') ?? '')?.[1];
  const wanted = builtInRoles.filter(
    (role) => name === undefined || role.name.toLowerCase() === name.toLowerCase(),
  );
  return { status: 200, body: { value: wanted.map((role) => present(role, call)) } };
}

function read(call: Call) {
  const guid = call.params.guid ?? '';
  const role = roleByGuid(guid);
  if (role === undefined) {
    throw new AzureFault(404, {
      code: 'RoleDefinitionDoesNotExist',
      message: `The specified role definition with ID '${guid}' does not exist.`,
    });
  }
  return { status: 200, body: present(role, call) };
}

function present(role: BuiltInRole, call: Call) {
  const subscription = /^subscriptions\/[^/]+/i.exec(call.params.scope ?? '')?.[0];
  return {
    properties: {
      roleName: role.name,
      type: 'BuiltInRole',
      description: role.description,
      assignableScopes: ['/'],
      permissions: [role.permission],
    },
    id: `${subscription === undefined ? '' : `/${subscription}`}/${BASE}/${role.guid}`,
    type: 'Microsoft.Authorization/roleDefinitions',
    name: role.guid,
  };
}
