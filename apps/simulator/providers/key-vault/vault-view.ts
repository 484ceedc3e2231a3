import { vaultHost } from '../../key-vault/vault-documents.ts';
import type { DeletedVault, Vault } from '../../key-vault/vault-documents.ts';

/** A vault as ARM shows it at an instant (epoch ms). Soft-delete and purge protection are left out while off. */
export function vaultToArm(vault: Vault, now: number) {
  const recoverable = vault.enableSoftDelete && {
    enableSoftDelete: true,
    softDeleteRetentionInDays: vault.softDeleteRetentionInDays,
  };
  return {
    id: vault.id,
    name: vault.name,
    type: 'Microsoft.KeyVault/vaults',
    location: vault.location,
    tags: vault.tags,
    systemData: {
      createdBy: vault.createdBy,
      createdByType: 'Application',
      createdAt: new Date(vault.createdAt).toISOString(),
      lastModifiedBy: vault.modifiedBy,
      lastModifiedByType: 'Application',
      lastModifiedAt: new Date(vault.modifiedAt).toISOString(),
    },
    properties: {
      sku: vault.sku,
      tenantId: vault.tenantId,
      ...(vault.networkAcls !== undefined && { networkAcls: vault.networkAcls }),
      accessPolicies: vault.accessPolicies,
      enabledForDeployment: vault.enabledForDeployment,
      enabledForDiskEncryption: vault.enabledForDiskEncryption,
      enabledForTemplateDeployment: vault.enabledForTemplateDeployment,
      ...recoverable,
      enableRbacAuthorization: vault.enableRbacAuthorization,
      ...(vault.enablePurgeProtection && { enablePurgeProtection: true }),
      vaultUri: `https://${vaultHost(vault)}/`,
      provisioningState: vault.dnsReadyAt <= now ? 'Succeeded' : 'RegisteringDns',
      publicNetworkAccess: vault.publicNetworkAccess,
    },
  };
}

/** A soft-deleted vault as ARM lists it. */
export function deletedVaultToArm({ vault, deletedAt, scheduledPurgeAt }: DeletedVault) {
  return {
    id: `/subscriptions/${vault.subscriptionId}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`,
    name: vault.name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId: vault.id,
      location: vault.location,
      tags: vault.tags,
      deletionDate: new Date(deletedAt).toISOString(),
      scheduledPurgeDate: new Date(scheduledPurgeAt).toISOString(),
      ...(vault.enablePurgeProtection && { purgeProtectionEnabled: true }),
    },
  };
}
