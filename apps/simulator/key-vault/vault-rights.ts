import { authorize } from '../authorization.ts';
import type { Principal } from '../route.ts';
import type { Transaction } from '../store.ts';
import { keyResourceId } from './key-documents.ts';
import { forbiddenByPolicy, forbiddenByRbac } from './key-faults.ts';
import type { Vault } from './vault-documents.ts';

/** What somebody wants to do in a vault. */
export interface VaultUse {
  vault: Vault;
  principal: Principal;
  /** Data action, after `Microsoft.KeyVault/vaults/`. */
  action: string;
  /** The key it is about; the vault as a whole when absent. */
  keyName?: string;
  /** Access-policy word where the action alone does not say it. */
  permission?: string;
}

/** Throws ForbiddenByRbac or ForbiddenByPolicy unless the principal may do this now. */
export function requireRight(tx: Transaction, use: VaultUse): void {
  const { vault, principal, keyName } = use;
  const resource = keyName === undefined ? vault.id : keyResourceId(vault, keyName);
  const action = `Microsoft.KeyVault/vaults/${use.action}`;
  const decision = authorize(tx, {
    principalId: principal.objectId,
    action,
    resource,
    kind: 'dataAction',
    ...(use.permission !== undefined && { permission: use.permission }),
  });
  if (decision.allowed) return;
  if (decision.by === 'role') throw forbiddenByRbac({ vault, principal, action, resource });
  throw forbiddenByPolicy({ vault, principal, permission: decision.permission ?? '' });
}
