import type { Azure, Call, ClusterFacts, VaultFacts } from '#libs/azure/azure.ts';
import { vaultUriOf } from '#libs/domain/azure-ids.ts';
import { diagnose, type KeyAccessFacts } from '#libs/domain/diagnose.ts';
import type { Finding } from '#libs/domain/findings.ts';
import { chooseVersion } from '#libs/domain/provision-key-findings.ts';
import { clusterKeyPermissions, roles } from '#libs/domain/service-rules.ts';

import { readVersions, rightsHeld, toVaultSeen } from './key-facts.ts';
import { hasOwnAccess } from './own-rights.ts';
import { vaultIdOf } from './resource-ids.ts';

/** The key that a cluster is to use, and the instant of asking. */
export interface WantedKey {
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly keyName: string;
  /** Empty: the latest. */
  readonly keyVersion: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** Says what stands between a cluster and a key, as far as it shows. */
export async function diagnoseKey(
  azure: Azure,
  question: { cluster: ClusterFacts; wanted: WantedKey },
  call: Call,
): Promise<Finding | undefined> {
  return diagnose(await readKeyAccess(azure, question, call));
}

/** Reads what decides whether a cluster can use a key. */
export async function readKeyAccess(
  azure: Azure,
  { cluster, wanted }: { cluster: ClusterFacts; wanted: WantedKey },
  call: Call,
): Promise<KeyAccessFacts> {
  const id = vaultIdOf(wanted.vaultId);
  const { value: vault } = await azure.vaults.read(id, call);
  const { region, tenantId, principalId, identityType } = cluster;
  const keyId = `${vaultUriOf(id)}/keys/${wanted.keyName}`;
  const common = {
    cluster: {
      id: cluster.id,
      region,
      identityType,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(principalId === undefined ? {} : { principalId }),
    },
    vaultId: wanted.vaultId,
    keyId: wanted.keyVersion === '' ? keyId : `${keyId}/${wanted.keyVersion}`,
    now: wanted.now,
  };
  if (vault === undefined) return { ...common, missingGrants: [] };
  const seen = toVaultSeen(vault, await hasOwnAccess(azure, vault, call));
  const missingGrants =
    principalId === undefined ? [] : await missingGrantsOf(azure, { vault, principalId }, call);
  const version = await wantedVersion(azure, wanted, call);
  return {
    ...common,
    vault: seen,
    missingGrants,
    ...(version === undefined ? {} : { version }),
  };
}

async function missingGrantsOf(
  azure: Azure,
  grantee: { vault: VaultFacts; principalId: string },
  call: Call,
): Promise<string[]> {
  const held = await rightsHeld(azure, grantee, call);
  if (grantee.vault.rbac) {
    return held.includes(roles.cryptoServiceEncryptionUser)
      ? []
      : ['the role Key Vault Crypto Service Encryption User'];
  }
  const missing = clusterKeyPermissions.filter((word) => !held.includes(word.toLowerCase()));
  return held.includes('all') ? [] : missing.map((word) => `${word} of keys`);
}

async function wantedVersion(
  azure: Azure,
  { vaultId, keyName, keyVersion }: WantedKey,
  call: Call,
): Promise<KeyAccessFacts['version']> {
  const vaultUri = vaultUriOf(vaultIdOf(vaultId));
  const versions = await readVersions(azure, { vaultUri, name: keyName }, call);
  if (versions === undefined) return 'unseen';
  return chooseVersion(versions, keyVersion === '' ? undefined : keyVersion);
}
