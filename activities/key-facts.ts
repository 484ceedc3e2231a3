import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call, VaultFacts } from '#libs/azure/azure.ts';
import { parseUserAssignedIdentityId, sameId, vaultUriOf } from '#libs/domain/azure-ids.ts';
import type { IdentitySeen, KeyVersionSeen, VaultSeen } from '#libs/domain/provision-facts.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { clusterKeyPermissions, roles } from '#libs/domain/service-rules.ts';

import { operationTag } from './keys.ts';
import { hasOwnAccess } from './own-rights.ts';
import { vaultIdOf } from './resource-ids.ts';

interface VaultAndKey {
  readonly vault?: VaultFacts;
  readonly seen?: VaultSeen;
  readonly deletedVault?: { readonly purgeAt: string };
  readonly versions?: readonly KeyVersionSeen[];
}

/** Reads vault and key, as far as they are there and we are let in. */
export async function readVaultAndKey(
  azure: Azure,
  { key, cluster, region }: ProvisionRequest,
  call: Call,
): Promise<VaultAndKey> {
  const id = vaultIdOf(key.vaultId);
  const { value: vault } = await azure.vaults.read(id, call);
  if (vault === undefined) {
    const { value: deleted } = await azure.vaults.readDeleted(
      { name: id.name, subscriptionId: cluster.subscriptionId, region },
      call,
    );
    return deleted === undefined ? {} : { deletedVault: { purgeAt: deleted.scheduledPurgeDate } };
  }
  const seen = toVaultSeen(vault, await hasOwnAccess(azure, vault, call));
  const versions = seen.ownAccess
    ? await readVersions(azure, { vaultUri: vaultUriOf(id), name: key.name }, call)
    : undefined;
  return { vault, seen, ...(versions === undefined ? {} : { versions }) };
}

/** The vault in the words of the domain. */
export function toVaultSeen(vault: VaultFacts, ownAccess: boolean): VaultSeen {
  const { id, region, tenantId, purgeProtection, softDelete, rbac, firewall } = vault;
  const closed = firewall.defaultAction === 'Deny';
  const shutsOutAzure = closed && !firewall.bypass.includes('AzureServices');
  const restricted = closed || vault.publicAccess === 'Disabled';
  return {
    id,
    region,
    tenantId,
    purgeProtection,
    softDelete,
    rbac,
    shutsOutAzure,
    restricted,
    ownAccess,
  };
}

/** Reads the user-assigned identity that was asked for, and what it may do in the vault already. */
export async function readIdentity(
  azure: Azure,
  { request, vault }: { request: ProvisionRequest; vault: VaultFacts | undefined },
  call: Call,
): Promise<IdentitySeen | undefined> {
  if (request.identity.type !== 'UserAssigned') return undefined;
  const { id } = request.identity;
  const parsed = parseUserAssignedIdentityId(id);
  const found = parsed && (await azure.identities.read(parsed, call)).value;
  if (found === undefined) return { id, exists: false, granted: false, excess: [] };
  const { principalId, tenantId } = found;
  const held = vault === undefined ? [] : await rightsHeld(azure, { vault, principalId }, call);
  const needed = rightsNeeded(vault?.rbac === true);
  return {
    id,
    exists: true,
    tenantId,
    principalId,
    granted: needed.every((word) => held.includes(word)),
    excess: held.filter((word) => !needed.includes(word)),
  };
}

/** What a cluster's identity needs in a vault (R46), in the form of `rightsHeld`. */
export const rightsNeeded = (rbac: boolean): readonly string[] =>
  (rbac ? [roles.cryptoServiceEncryptionUser] : clusterKeyPermissions).map((word) =>
    word.toLowerCase(),
  );

/** What a principal may do in a vault, lower case: words of its access policy, or GUIDs of its roles. */
export async function rightsHeld(
  azure: Azure,
  { vault, principalId }: { vault: VaultFacts; principalId: string },
  call: Call,
): Promise<string[]> {
  if (vault.rbac) {
    const { value } = await azure.roles.assignments({ scope: vault.id, principalId }, call);
    return [...new Set(value.map(({ role }) => role))];
  }
  return vault.accessPolicies
    .filter(({ objectId }) => sameId(objectId, principalId))
    .flatMap(({ keyPermissions, otherPermissions }) => [
      ...keyPermissions,
      ...(otherPermissions ?? []),
    ])
    .map((word) => word.toLowerCase());
}

/** The key's versions, or undefined when Keyturn may not list them: the key step asks again, with access. */
export async function readVersions(
  azure: Azure,
  { vaultUri, name }: { vaultUri: string; name: string },
  call: Call,
): Promise<KeyVersionSeen[] | undefined> {
  try {
    const { value } = await azure.keys.versions(vaultUri, name, call);
    return value.map(({ kid, version, enabled, expiresAt, tags }) => {
      const madeBy = tags[operationTag];
      return {
        kid,
        version,
        enabled,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(madeBy === undefined ? {} : { madeBy }),
      };
    });
  } catch (error) {
    if (error instanceof AzureError && error.status === 403) return undefined;
    throw error;
  }
}
