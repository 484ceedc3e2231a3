import { activityInfo } from '@temporalio/activity';

import { AzureError, isOutage } from '#libs/azure/azure-error.ts';
import type { Azure, Call, KeyVersionFacts, Seen, VaultFacts } from '#libs/azure/azure.ts';
import { parseUserAssignedIdentityId, sameId, vaultUriOf } from '#libs/domain/azure-ids.ts';
import type { SoftDeleted } from '#libs/domain/diagnose.ts';
import type { IdentitySeen, KeyVersionSeen, VaultSeen } from '#libs/domain/provision-facts.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { clusterKeyPermissions, roles } from '#libs/domain/service-rules.ts';

import { materialFault, operationTag } from './keys.ts';
import { hasOwnAccess } from './own-rights.ts';
import { vaultIdOf } from './resource-ids.ts';
import { retiredTag, revokedForTag, revokedTag } from './version-tags.ts';

interface VaultAndKey {
  readonly vault?: VaultFacts;
  readonly seen?: VaultSeen;
  readonly deletedVault?: SoftDeleted;
  readonly versions?: readonly KeyVersionSeen[];
  readonly deletedKey?: SoftDeleted;
  /** Why a key that is to be used as it is can be of no use to a cluster. */
  readonly keyFault?: string;
}

/** Reads vault and key, as far as they are there and we are let in. */
export async function readVaultAndKey(
  azure: Azure,
  { key, cluster, region }: Pick<ProvisionRequest, 'key' | 'cluster' | 'region'>,
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
  if (!seen.ownAccess) return { vault, seen };
  const place = { vaultUri: vaultUriOf(id), name: key.name };
  const found = await readKey(azure, place, call);
  const isThere = key.source === 'use' && found.versions !== undefined && found.versions.length > 0;
  const fault = isThere
    ? await readFault(azure, { ...place, version: key.version }, call)
    : undefined;
  return { vault, seen, ...found, ...(fault === undefined ? {} : { keyFault: fault }) };
}

/** Type, size and operations of a version are in no list: it is read for them alone. */
async function readFault(
  azure: Azure,
  { vaultUri, name, version }: { vaultUri: string; name: string; version: string | undefined },
  call: Call,
): Promise<string | undefined> {
  const { value } = await unlessRefused(() => azure.keys.read(vaultUri, name, version, call));
  return value && materialFault(value);
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

/** A key as far as its vault tells of it. */
export interface KeySeen {
  /** Oldest first, none of a key that is not there; absent when we may not list them, or nobody answers. */
  readonly versions?: readonly KeyVersionSeen[];
  readonly deletedKey?: SoftDeleted;
  /** What came of asking a vault that does not answer. */
  readonly outage?: string;
}

/** Tries before a vault that does not answer is told of as it is. */
const outageTries = 3;

/** Reads a key's versions, and where there are none, whether the key is deleted. */
export async function readKey(
  azure: Azure,
  key: { vaultUri: string; name: string },
  call: Call,
): Promise<KeySeen> {
  const versions = await readVersions(azure, key, call);
  if (versions === undefined || versions.length > 0) return versions ? { versions } : {};
  const deletedKey = await readDeleted(azure, key, call);
  return { versions, ...(deletedKey === undefined ? {} : { deletedKey }) };
}

/** The same for those who go on without an answer: a few tries, then the outage is what there is to tell. */
export async function readKeyOrOutage(
  azure: Azure,
  key: { vaultUri: string; name: string },
  call: Call,
): Promise<KeySeen> {
  try {
    return await readKey(azure, key, call);
  } catch (error) {
    const isOut = error instanceof AzureError && isOutage(error);
    if (isOut && activityInfo().attempt > outageTries) return { outage: error.message };
    throw error;
  }
}

async function readDeleted(
  azure: Azure,
  { vaultUri, name }: { vaultUri: string; name: string },
  call: Call,
): Promise<SoftDeleted | undefined> {
  const { value } = await unlessRefused(() => azure.keys.readDeleted(vaultUri, name, call));
  return value && { purgeAt: value.purgeAt };
}

/** The key's versions, or undefined when Keyturn may not list them: the key step asks again, with access. */
export async function readVersions(
  azure: Azure,
  { vaultUri, name }: { vaultUri: string; name: string },
  call: Call,
): Promise<KeyVersionSeen[] | undefined> {
  const { value } = await unlessRefused(() => azure.keys.versions(vaultUri, name, call));
  return value?.map(toVersionSeen);
}

/** A version in the words of the domain. */
export function toVersionSeen({ tags, ...version }: KeyVersionFacts): KeyVersionSeen {
  const { kid, version: name, enabled, createdAt, expiresAt, notBefore } = version;
  const {
    [operationTag]: madeBy,
    [revokedTag]: revokedBy,
    [revokedForTag]: revokedFor,
    [retiredTag]: retiredBy,
  } = tags;
  return {
    kid,
    version: name,
    enabled,
    ...(createdAt === '' ? {} : { createdAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(madeBy === undefined ? {} : { madeBy }),
    ...(revokedBy === undefined ? {} : { revokedBy }),
    ...(revokedFor === undefined ? {} : { revokedFor }),
    ...(retiredBy === undefined ? {} : { retiredBy }),
  };
}

/** What Azure answers; nothing where it does not let us look. */
export async function unlessRefused<T>(
  read: () => Promise<Seen<T | undefined>>,
): Promise<{ readonly value?: T | undefined }> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AzureError && error.status === 403) return {};
    throw error;
  }
}
