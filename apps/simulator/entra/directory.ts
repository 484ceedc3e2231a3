import { defineEffect } from '../effects.ts';
import type { Principal } from '../route.ts';
import { isSwitchedOn } from '../settings.ts';
import type { Transaction } from '../store.ts';

/** A service principal or a managed identity of the tenant. */
export interface StoredPrincipal extends Principal {
  /** What a client sends to get a token; managed identities have none. */
  readonly clientSecret?: string;
  readonly kind: 'application' | 'managedIdentity';
  /** The subject of the trusted issuer whose assertions stand for a secret. */
  readonly federatedSubject?: string;
  /** Set while the news of it has not reached all of the directory (R180). */
  readonly spreading?: true;
  /** Built-in roles on the subscription that its seed gave it. */
  readonly azureRoles?: readonly string[];
}

export interface Tenant {
  readonly tenantId: string;
  readonly displayName: string;
  readonly defaultDomain: string;
}

const PRINCIPALS = 'principals';
const TENANTS = 'tenants';

/** How long a new identity takes to be found everywhere; Azure tells no figure. */
const SPREAD_MS = 60_000;
const SPREAD = 'principal spread';

export function savePrincipal(tx: Transaction, principal: StoredPrincipal): void {
  tx.put(PRINCIPALS, principal.objectId, principal);
}

/** A managed identity that was made just now: it can act at once, but is not found everywhere yet (R180). */
export function saveNewIdentity(
  tx: Transaction,
  identity: Omit<StoredPrincipal, 'kind' | 'roles' | 'spreading'>,
): void {
  const known: StoredPrincipal = { ...identity, kind: 'managedIdentity', roles: [] };
  if (isSwitchedOn(tx, 'identities-at-once')) return savePrincipal(tx, known);
  savePrincipal(tx, { ...known, spreading: true });
  tx.afterWork(SPREAD_MS, SPREAD, { objectId: identity.objectId });
}

defineEffect(SPREAD, (tx, { objectId }: { objectId: string }) => {
  const principal = findPrincipal(tx, objectId);
  if (!principal) return;
  const { spreading: _over, ...spread } = principal;
  savePrincipal(tx, spread);
});

/** Whether whoever looks for the principal finds it. */
export function isSpread(tx: Transaction, objectId: string): boolean {
  const principal = findPrincipal(tx, objectId);
  return principal !== undefined && principal.spreading === undefined;
}

export function removePrincipal(tx: Transaction, objectId: string): void {
  tx.remove(PRINCIPALS, objectId);
}

export function findPrincipal(tx: Transaction, objectId: string): StoredPrincipal | undefined {
  return tx.get<StoredPrincipal>(PRINCIPALS, objectId);
}

export function findApplication(tx: Transaction, clientId: string): StoredPrincipal | undefined {
  return tx
    .list<StoredPrincipal>(PRINCIPALS)
    .find(
      (principal) =>
        principal.kind === 'application' &&
        principal.clientId.toLowerCase() === clientId.toLowerCase(),
    );
}

export function saveTenant(tx: Transaction, tenant: Tenant): void {
  tx.put(TENANTS, tenant.tenantId, tenant);
}

/** A tenant by its id or its default domain. */
export function findTenant(tx: Transaction, name: string): Tenant | undefined {
  return (
    tx.get<Tenant>(TENANTS, name) ??
    tx.list<Tenant>(TENANTS).find(({ defaultDomain }) => defaultDomain === name.toLowerCase())
  );
}

/** The tenant that unqualified requests belong to: the first one. */
export function homeTenant(tx: Transaction): Tenant {
  const [tenant] = tx.list<Tenant>(TENANTS);
  if (!tenant) throw new Error('reading the tenant: the simulated world is not set up');
  return tenant;
}
