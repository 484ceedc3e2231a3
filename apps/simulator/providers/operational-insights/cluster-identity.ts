import { randomUUID } from 'node:crypto';
import { homeTenant, removePrincipal, saveNewIdentity } from '../../entra/directory.ts';
import { requireLinkedRight } from '../../arm/linked-scope.ts';
import { findUserAssignedIdentity } from '../managed-identity/user-assigned-identities.ts';
import type { Call } from '../../route.ts';
import type { Transaction } from '../../store.ts';
import { refuse } from './cluster-checks.ts';
import type { ClusterInput } from './cluster-checks.ts';
import type { Cluster, ClusterIdentity } from './documents.ts';

export const CLUSTER_WRITE = 'Microsoft.OperationalInsights/clusters/write';
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

/** What a body asks the identity to be; undefined when it says nothing. */
export type WantedIdentity =
  | { readonly type: 'SystemAssigned' | 'None' }
  | { readonly type: 'UserAssigned'; readonly id: string }
  | undefined;

/** Reads the identity member: exactly one type, and exactly one id with UserAssigned (R33, R63). */
export function readIdentity(input: ClusterInput): WantedIdentity {
  const { identity } = input;
  if (identity === undefined || identity === null) return undefined;
  const type = typeof identity.type === 'string' ? identity.type : '';
  switch (type.toLowerCase()) {
    case 'systemassigned':
      return { type: 'SystemAssigned' };
    case 'none':
      return { type: 'None' };
    case 'userassigned':
      return { type: 'UserAssigned', id: onlyId(identity.userAssignedIdentities) };
    default:
      throw notSingle(type);
  }
}

/** The refusal of an identity that is missing or of several types, in the service's words. */
export function notSingle(given: string): Error {
  return refuse(
    'BadRequest',
    `IdentityType: user should choose a single identity type - SystemAssigned/UserAssigned/None, what was actually provided - [${given}]`,
  );
}

/** Whether the body only repeats the identity in force. */
export function isSameIdentity(cluster: Cluster, wanted: WantedIdentity): boolean {
  if (wanted === undefined) return true;
  if (wanted.type !== cluster.identity.type) return false;
  if (wanted.type !== 'UserAssigned') return true;
  return wanted.id.toLowerCase() === cluster.identity.userAssigned?.id.toLowerCase();
}

/**
 * The identity as it will stand on the cluster; the system's gets its principal at completion. Whoever gives a
 * cluster a user-assigned identity needs `assign` on it (azure-docs, managed identity operator).
 */
export function resolveIdentity(
  call: Call,
  wanted: Exclude<WantedIdentity, undefined>,
): ClusterIdentity {
  if (wanted.type !== 'UserAssigned') return { type: wanted.type };
  requireLinkedRight(call, { own: CLUSTER_WRITE, action: ASSIGN, resource: wanted.id });
  const found = findUserAssignedIdentity(call.tx, wanted.id);
  if (!found) {
    throw refuse(
      'FailedIdentityOperation',
      `Identity operation for resource failed: the user-assigned identity '${wanted.id}' was not found.`,
    );
  }
  const { principalId, clientId, tenantId } = found;
  return { type: 'UserAssigned', tenantId, principalId, userAssigned: { id: wanted.id, clientId } };
}

/** Makes the directory agree with a cluster's new identity, and returns it with its principal (R34). */
export function establishIdentity(
  tx: Transaction,
  cluster: Cluster,
  identity: ClusterIdentity,
): ClusterIdentity {
  const before = cluster.identity;
  if (before.type === 'SystemAssigned' && before.principalId) {
    if (identity.type === 'SystemAssigned') return before;
    removePrincipal(tx, before.principalId);
  }
  if (identity.type !== 'SystemAssigned') return identity;
  const { tenantId } = homeTenant(tx);
  const principalId = randomUUID();
  saveNewIdentity(tx, {
    name: cluster.name,
    objectId: principalId,
    clientId: randomUUID(),
    tenantId,
  });
  return { type: 'SystemAssigned', tenantId, principalId };
}

function onlyId(identities: unknown): string {
  const ids = typeof identities === 'object' && identities !== null ? Object.keys(identities) : [];
  const [id] = ids;
  if (id !== undefined && ids.length === 1) return id.startsWith('/') ? id : `/${id}`;
  throw refuse(
    'BadRequest',
    `UserAssigned identity needs exactly one identity id, ${ids.length} were provided.`,
  );
}
