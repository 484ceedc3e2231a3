import { findVault, policiesInForce, vaultNameOfId } from './key-vault/vault-documents.ts';
import type { Vault } from './key-vault/vault-documents.ts';
import type { RolePermission } from './providers/authorization/built-in-roles.ts';
import { findRole } from './providers/authorization/roles.ts';
import type { Transaction } from './store.ts';

/** A role given to a principal at a scope; instants are epoch milliseconds. */
export interface RoleAssignment {
  id: string;
  /** The GUID that names the assignment. */
  name: string;
  scope: string;
  /** GUID of the role, lower case. */
  role: string;
  principalId: string;
  principalType: string;
  description?: string;
  createdAt: number;
  updatedAt: number;
  createdBy: string;
  /** The assignment counts from here on (R49, R180). */
  activeAt: number;
  /** Set once deleted: hidden from every read, yet it counts until this instant. */
  lingersUntil?: number;
}

export interface AuthorizationRequest {
  /** Object id of the caller: a principal of Entra or a cluster's identity. */
  principalId: string;
  /** Such as `Microsoft.OperationalInsights/clusters/write`, or a data action of a key. */
  action: string;
  /** ARM id of what is acted on; a role counts when its scope is this id or lies above it. */
  resource: string;
  kind: 'action' | 'dataAction';
  /** The access-policy word where the data action alone does not say it (`list` and `get` are both read). */
  permission?: string;
}

export interface Decision {
  allowed: boolean;
  /** Which model decided: roles, or the vault's access policies. */
  by: 'role' | 'accessPolicy';
  /** The access-policy word that was asked for; only where access policies decided. */
  permission?: string;
}

/** Custom roles may hold anything; the built-in ones have some hundred patterns. */
const MOST_COMPILED = 1000;

/** The access-policy word of each data action on keys (R46; azure-docs, RBAC migration page). */
const permissionOfDataAction: Record<string, string> = {
  'microsoft.keyvault/vaults/keys/read': 'get',
  'microsoft.keyvault/vaults/keys/create/action': 'create',
  'microsoft.keyvault/vaults/keys/import/action': 'import',
  'microsoft.keyvault/vaults/keys/update/action': 'update',
  'microsoft.keyvault/vaults/keys/delete': 'delete',
  'microsoft.keyvault/vaults/keys/recover/action': 'recover',
  'microsoft.keyvault/vaults/keys/purge/action': 'purge',
  'microsoft.keyvault/vaults/keys/rotate/action': 'rotate',
  'microsoft.keyvault/vaults/keys/wrap/action': 'wrapKey',
  'microsoft.keyvault/vaults/keys/unwrap/action': 'unwrapKey',
  'microsoft.keyvault/vaults/keyrotationpolicies/read': 'getrotationpolicy',
  'microsoft.keyvault/vaults/keyrotationpolicies/write': 'setrotationpolicy',
};

/**
 * Decides whether a principal may do something, for everyone alike: ARM routes, the keys' data plane, the
 * checks of a bind and the cluster's own unwraps. Data actions on a vault that does not use roles are decided
 * by its access policies, everything else by role assignments that are in force now.
 */
export function authorize(tx: Transaction, request: AuthorizationRequest): Decision {
  const vault = request.kind === 'dataAction' ? vaultOf(tx, request.resource) : undefined;
  if (vault !== undefined && !vault.enableRbacAuthorization) {
    return decideByAccessPolicy(tx, vault, request);
  }
  const allowed = assignmentsInForce(tx, request.principalId, request.resource).some(
    (assignment) =>
      findRole(tx, assignment.role)?.permissions.some((permission) =>
        permits(permission, request.action, request.kind),
      ) === true,
  );
  return { allowed, by: 'role' };
}

/** The assignments of a principal that count now on a resource. */
export function assignmentsInForce(
  tx: Transaction,
  principalId: string,
  resource: string,
): RoleAssignment[] {
  return tx
    .list<RoleAssignment>('roleAssignments')
    .filter(
      (assignment) =>
        sameText(assignment.principalId, principalId) &&
        isInForce(tx, assignment) &&
        covers(assignment.scope, resource),
    );
}

/** Whether a scope is the resource or lies above it; ids are compared without regard to case. */
export function covers(scope: string, resource: string): boolean {
  const above = trimSlash(scope.toLowerCase());
  const id = trimSlash(resource.toLowerCase());
  return above === '' || id === above || id.startsWith(`${above}/`);
}

/** Whether a permission allows an action: one pattern matches and no exclusion does. */
export function permits(
  permission: RolePermission,
  action: string,
  kind: 'action' | 'dataAction',
): boolean {
  const [allowed, excluded] =
    kind === 'action'
      ? [permission.actions, permission.notActions]
      : [permission.dataActions, permission.notDataActions];
  return (
    allowed.some((pattern) => matches(pattern, action)) &&
    !excluded.some((pattern) => matches(pattern, action))
  );
}

/** Whether the access-policy words hold one that grants the wanted word. */
export function grantsWord(words: readonly string[] | undefined, wanted: string): boolean {
  return (words ?? []).some((word) => sameText(word, wanted) || sameText(word, 'all'));
}

function isInForce(tx: Transaction, assignment: RoleAssignment): boolean {
  const { activeAt, lingersUntil } = assignment;
  return activeAt <= tx.now && (lingersUntil === undefined || tx.now < lingersUntil);
}

function decideByAccessPolicy(
  tx: Transaction,
  vault: Vault,
  request: AuthorizationRequest,
): Decision {
  const permission =
    request.permission ?? permissionOfDataAction[request.action.toLowerCase()] ?? 'unknown';
  const allowed = policiesInForce(tx, vault).some(
    (policy) =>
      sameText(policy.objectId, request.principalId) &&
      grantsWord(policy.permissions.keys, permission),
  );
  return { allowed, by: 'accessPolicy', permission };
}

function vaultOf(tx: Transaction, resource: string): Vault | undefined {
  const name = vaultNameOfId(resource);
  return name === undefined ? undefined : findVault(tx, name);
}

/** The patterns of all roles, made ready once. */
const compiled = new Map<string, RegExp>();

function matches(pattern: string, action: string): boolean {
  const known = compiled.get(pattern);
  if (known) return known.test(action);
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  const made = new RegExp(`^${source}$`, 'i');
  if (compiled.size < MOST_COMPILED) compiled.set(pattern, made);
  return made.test(action);
}

function trimSlash(id: string): string {
  return id.endsWith('/') ? id.slice(0, -1) : id;
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
