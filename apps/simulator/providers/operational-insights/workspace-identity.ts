import { randomUUID } from 'node:crypto';
import { homeTenant, removePrincipal, saveNewIdentity } from '../../entra/directory.ts';
import { findUserAssignedIdentity } from '../managed-identity/user-assigned-identities.ts';
import type { Transaction } from '../../store.ts';
import { refuse } from './cluster-checks.ts';
import type { Workspace, WorkspaceIdentity } from './documents.ts';

/** A workspace's identity as a body asks for it; undefined when it says nothing. */
export function identityOfBody(
  tx: Transaction,
  given: unknown,
  workspace: Pick<Workspace, 'name' | 'identity'>,
): WorkspaceIdentity | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { type, userAssignedIdentities } = given as Record<string, unknown>;
  const word = typeof type === 'string' ? type.toLowerCase() : '';
  const present = workspace.identity;
  if (word === 'systemassigned') {
    return present?.type === 'SystemAssigned' ? present : newSystemIdentity(tx, workspace.name);
  }
  if (present?.type === 'SystemAssigned') removePrincipal(tx, present.principalId);
  if (word === 'none') return { type: 'None' };
  if (word === 'userassigned') {
    const ids = Object.keys(userAssignedIdentities ?? {});
    const unknown = ids.find((id) => findUserAssignedIdentity(tx, id) === undefined);
    if (ids.length > 0 && unknown === undefined) return { type: 'UserAssigned', ids };
  }
  throw refuse('InvalidRequestContent', 'The identity of the request is in bad format.');
}

/** The principals a workspace may act as. */
export function principalsOf(tx: Transaction, { identity }: Workspace): string[] {
  if (identity?.type === 'SystemAssigned') return [identity.principalId];
  if (identity?.type !== 'UserAssigned') return [];
  return identity.ids.flatMap((id) => findUserAssignedIdentity(tx, id)?.principalId ?? []);
}

/** The member that GET shows. */
export function identityMember(tx: Transaction, { identity }: Workspace): object {
  if (identity === undefined || identity.type === 'None') return {};
  if (identity.type === 'SystemAssigned') return { identity };
  const assigned = identity.ids.map((id) => {
    const found = findUserAssignedIdentity(tx, id);
    return [id, { principalId: found?.principalId, clientId: found?.clientId }];
  });
  const userAssignedIdentities = Object.fromEntries(assigned) as object;
  return { identity: { type: 'UserAssigned', userAssignedIdentities } };
}

function newSystemIdentity(tx: Transaction, name: string): WorkspaceIdentity {
  const { tenantId } = homeTenant(tx);
  const principalId = randomUUID();
  saveNewIdentity(tx, { name, objectId: principalId, clientId: randomUUID(), tenantId });
  return { type: 'SystemAssigned', tenantId, principalId };
}
