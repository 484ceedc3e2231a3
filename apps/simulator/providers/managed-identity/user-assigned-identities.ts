import { randomUUID } from 'node:crypto';
import { normalRegion, requireGroup } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import { homeTenant, removePrincipal, saveNewIdentity } from '../../entra/directory.ts';
import type { Answer, Call, Route } from '../../route.ts';
import { settleAccess } from '../../storage/access.ts';
import type { Transaction } from '../../store.ts';

interface UserAssignedIdentity {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly tenantId: string;
  readonly principalId: string;
  readonly clientId: string;
}

const COLLECTION = 'identities';
const GROUP =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities';
const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Microsoft.ManagedIdentity/userAssignedIdentities: what a cluster with such an identity needs. */
export const userAssignedIdentityRoutes: readonly Route[] = [
  route('GET', GROUP, { action: `${TYPE}/read`, handle: list }),
  route('GET', `${GROUP}/{name}`, {
    action: `${TYPE}/read`,
    handle: (call) => ({ status: 200, body: identityBody(required(call)) }),
  }),
  route('PUT', `${GROUP}/{name}`, { action: `${TYPE}/write`, handle: put }),
  route('DELETE', `${GROUP}/{name}`, { action: `${TYPE}/delete`, handle: remove }),
];

/** The identity by its resource id, any letter case. */
export function findUserAssignedIdentity(
  tx: Transaction,
  id: string,
): UserAssignedIdentity | undefined {
  return tx.get<UserAssignedIdentity>(COLLECTION, id);
}

/** Stores a new identity with its own principal and client; the directory is the caller's to tell. */
export function newUserAssignedIdentity(
  tx: Transaction,
  made: Pick<UserAssignedIdentity, 'id' | 'name' | 'location' | 'tags'>,
): UserAssignedIdentity {
  const { tenantId } = homeTenant(tx);
  const identity = { ...made, tenantId, principalId: randomUUID(), clientId: randomUUID() };
  tx.put(COLLECTION, made.id, identity);
  return identity;
}

function route(method: string, path: string, rest: Pick<Route, 'action' | 'handle'>): Route {
  return { service: 'arm', method, path, ...rest };
}

function idOf(call: Call): string {
  const group = requireGroup(call);
  return `/subscriptions/${call.params['subscriptionId']}/resourceGroups/${group.name}/providers/${TYPE}/${call.params['name']}`;
}

function required(call: Call): UserAssignedIdentity {
  const found = findUserAssignedIdentity(call.tx, idOf(call));
  if (found) return found;
  throw new AzureFault(404, {
    code: 'ResourceNotFound',
    message: `The Resource '${TYPE}/${call.params['name']}' under resource group '${call.params['resourceGroup']}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  });
}

function list(call: Call): Answer {
  const prefix = idOf({ ...call, params: { ...call.params, name: '' } }).toLowerCase();
  const value = call.tx
    .list<UserAssignedIdentity>(COLLECTION)
    .filter(({ id }) => id.toLowerCase().startsWith(prefix))
    .map(identityBody);
  return { status: 200, body: { value } };
}

function put(call: Call): Answer {
  const id = idOf(call);
  const { location, tags } = (call.body ?? {}) as Partial<UserAssignedIdentity>;
  if (typeof location !== 'string') {
    throw new AzureFault(400, {
      code: 'LocationRequired',
      message: 'The location property is required for this definition.',
    });
  }
  const known = findUserAssignedIdentity(call.tx, id);
  const name = call.params['name'] ?? '';
  const made = { id, name, location: normalRegion(location), tags: tags ?? {} };
  const identity = known ? { ...known, tags: made.tags } : newUserAssignedIdentity(call.tx, made);
  if (known) call.tx.put(COLLECTION, id, identity);
  else {
    const { principalId: objectId, clientId, tenantId } = identity;
    saveNewIdentity(call.tx, { name, objectId, clientId, tenantId });
  }
  call.tx.note('user-assigned identity written');
  return { status: known ? 200 : 201, body: identityBody(identity) };
}

function remove(call: Call): Answer {
  const identity = findUserAssignedIdentity(call.tx, idOf(call));
  if (!identity) return { status: 204 };
  call.tx.remove(COLLECTION, identity.id);
  removePrincipal(call.tx, identity.principalId);
  settleAccess(call.tx);
  call.tx.note('user-assigned identity deleted');
  return { status: 200 };
}

function identityBody(identity: UserAssignedIdentity): object {
  const { id, name, location, tags, tenantId, principalId, clientId } = identity;
  return { id, name, type: TYPE, location, tags, properties: { tenantId, principalId, clientId } };
}
