import { assignmentsInForce } from '../../authorization.ts';
import type { Call, Route } from '../../route.ts';
import { findRole } from './roles.ts';

const apiVersions = ['2022-04-01', '2018-07-01', '2022-05-01-preview'];

/**
 * Microsoft.Authorization/permissions: what the caller may do on a resource group or a resource, one entry per
 * role that counts now. Asking about oneself needs no right.
 */
export const permissionRoutes: readonly Route[] = [
  {
    service: 'arm',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/{within*}/providers/Microsoft.Authorization/permissions',
    apiVersions,
    handle: list,
  },
  {
    service: 'arm',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/permissions',
    apiVersions,
    handle: list,
  },
];

function list(call: Call) {
  const { subscriptionId = '', within } = call.params;
  const scope = `/subscriptions/${subscriptionId}${within === undefined ? '' : `/${within}`}`;
  const held = assignmentsInForce(call.tx, call.principal?.objectId ?? '', scope);
  const value = held.flatMap(({ role }) => findRole(call.tx, role)?.permissions ?? []);
  return { status: 200, body: { value } };
}
