import type { Transaction } from '../../store.ts';
import { builtInRoles, roleByGuid } from './built-in-roles.ts';
import type { RolePermission } from './built-in-roles.ts';

/** A role that can be assigned: one of Azure's own, or one that somebody defined. */
export interface Role {
  /** Lower case. */
  readonly guid: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'BuiltInRole' | 'CustomRole';
  readonly assignableScopes: readonly string[];
  /** Each is looked at by itself: what one excludes another may allow. */
  readonly permissions: readonly RolePermission[];
}

const COLLECTION = 'customRoles';

/** The role of that GUID (any letter case), built in or custom. */
export function findRole(tx: Transaction, guid: string): Role | undefined {
  const builtIn = roleByGuid(guid);
  return builtIn ? asRole(builtIn) : tx.get<Role>(COLLECTION, guid);
}

/** Every role, Azure's own first. */
export function listRoles(tx: Transaction): Role[] {
  return [...builtInRoles.map(asRole), ...tx.list<Role>(COLLECTION)];
}

export function saveCustomRole(tx: Transaction, role: Role): void {
  tx.put(COLLECTION, role.guid, role);
}

export function removeCustomRole(tx: Transaction, guid: string): void {
  tx.remove(COLLECTION, guid);
}

function asRole({ guid, name, description, permission }: (typeof builtInRoles)[number]): Role {
  const permissions = [permission];
  return { guid, name, description, type: 'BuiltInRole', assignableScopes: ['/'], permissions };
}
