import type { Transaction } from '../store.ts';

/** One entry of a vault's access policies, as ARM spells it. */
export interface AccessPolicy {
  tenantId: string;
  objectId: string;
  applicationId?: string;
  permissions: Partial<Record<'keys' | 'secrets' | 'certificates' | 'storage', string[]>>;
}

/** The access policies that count from an instant on: what was written takes a moment (R49). */
interface PolicySnapshot {
  from: number;
  policies: AccessPolicy[];
}

export interface NetworkAcls {
  bypass: string;
  defaultAction: string;
  ipRules: { value: string }[];
  virtualNetworkRules: object[];
}

/** A key vault as it is kept, active or soft-deleted; instants are epoch milliseconds. */
export interface Vault {
  /** Name in the caller's letter case; names are unique in all of Azure. */
  name: string;
  id: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  tags: Record<string, string>;
  tenantId: string;
  sku: { family: string; name: string };
  accessPolicies: AccessPolicy[];
  policySnapshots: PolicySnapshot[];
  enableSoftDelete: boolean;
  softDeleteRetentionInDays: number;
  enablePurgeProtection: boolean;
  enableRbacAuthorization: boolean;
  enabledForDeployment: boolean;
  enabledForDiskEncryption: boolean;
  enabledForTemplateDeployment: boolean;
  networkAcls?: NetworkAcls;
  publicNetworkAccess: string;
  /** Until then the name does not resolve and provisioningState reads RegisteringDns. */
  dnsReadyAt: number;
  createdAt: number;
  createdBy: string;
  modifiedAt: number;
  modifiedBy: string;
}

/** A soft-deleted vault: its name stays taken until it is purged (azure-docs, soft-delete overview). */
export interface DeletedVault {
  vault: Vault;
  deletedAt: number;
  scheduledPurgeAt: number;
}

/** The active vault of that name, or undefined; names are compared without regard to case. */
export function findVault(tx: Pick<Transaction, 'get'>, name: string): Vault | undefined {
  return tx.get<Vault>('vaults', name);
}

/** The active vault whose host name resolves already, or undefined. */
export function findReachableVault(
  tx: Pick<Transaction, 'get' | 'now'>,
  name: string,
): Vault | undefined {
  const vault = findVault(tx, name);
  return vault !== undefined && vault.dnsReadyAt <= tx.now ? vault : undefined;
}

export function findDeletedVault(tx: Transaction, name: string): DeletedVault | undefined {
  return tx.get<DeletedVault>('deletedVaults', name);
}

export function saveVault(tx: Transaction, vault: Vault): void {
  tx.put('vaults', vault.name, vault);
}

/** The host name of a vault's data plane. */
export function vaultHost(vault: Vault): string {
  return `${vault.name.toLowerCase()}.vault.azure.net`;
}

/** The name of the vault that an ARM id is, or lies under; undefined when it is no vault's id. */
export function vaultNameOfId(resourceId: string): string | undefined {
  return /\/providers\/microsoft\.keyvault\/vaults\/([^/]+)/i.exec(resourceId)?.[1];
}

/** The access policies that count at the transaction's instant. */
export function policiesInForce(tx: Transaction, vault: Vault): AccessPolicy[] {
  const inForce = vault.policySnapshots.filter((snapshot) => snapshot.from <= tx.now);
  return inForce.at(-1)?.policies ?? [];
}
