import type { Azure, Call, ClusterFacts, VaultFacts } from '#libs/azure/azure.ts';
import { vaultUriOf } from '#libs/domain/azure-ids.ts';
import { diagnose, type KeyAccessFacts } from '#libs/domain/diagnose.ts';
import type { Finding } from '#libs/domain/findings.ts';
import { chooseVersion } from '#libs/domain/key-state.ts';
import { clusterKeyPermissions } from '#libs/domain/service-rules.ts';

import { clusterGrant } from './grant-models.ts';
import { readKey, rightsHeld, toVaultSeen, type KeySeen } from './key-facts.ts';
import { hasOwnAccess } from './own-rights.ts';
import { vaultIdOf } from './resource-ids.ts';

/** The key that a cluster is to use, and the instant of asking. */
export interface WantedKey {
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly keyName: string;
  /** Empty: the latest. */
  readonly keyVersion: string;
  /** Whether the cluster was told to use it, so that showing another is a cause of its own. */
  readonly mustShow?: true;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

interface Question {
  readonly cluster: ClusterFacts;
  readonly wanted: WantedKey;
  /** What the vault tells of the key; asked where it is not given. */
  readonly key?: KeySeen;
}

/** Says what stands between a cluster and a key, as far as it shows. */
export async function diagnoseKey(
  azure: Azure,
  question: Question,
  call: Call,
): Promise<Finding | undefined> {
  return diagnose(await readKeyAccess(azure, question, call));
}

/** Reads what decides whether a cluster can use a key. */
export async function readKeyAccess(
  azure: Azure,
  { cluster, wanted, key: known }: Question,
  call: Call,
): Promise<KeyAccessFacts> {
  const id = vaultIdOf(wanted.vaultId);
  const { value: vault } = await azure.vaults.read(id, call);
  const common = commonFacts(cluster, wanted);
  if (vault === undefined) return { ...common, missingGrants: [] };
  const { principalId } = cluster;
  const seen = toVaultSeen(vault, await hasOwnAccess(azure, vault, call));
  const missingGrants =
    principalId === undefined ? [] : await missingGrantsOf(azure, { vault, principalId }, call);
  const { keyName: name, keyVersion } = wanted;
  const key = known ?? (await readKey(azure, { vaultUri: vaultUriOf(id), name }, call));
  return { ...common, vault: seen, missingGrants, ...keyFacts(key, keyVersion) };
}

/** What is known without a vault. */
export function commonFacts(cluster: ClusterFacts, wanted: WantedKey) {
  const { id, region, tenantId, principalId, identityType } = cluster;
  const keyId = keyIdOf({ ...wanted, vaultUri: vaultUriOf(vaultIdOf(wanted.vaultId)) });
  return {
    cluster: {
      id,
      region,
      identityType,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(principalId === undefined ? {} : { principalId }),
      ...(wanted.mustShow === true ? { shows: shownBy(cluster) } : {}),
    },
    vaultId: wanted.vaultId,
    keyId,
    now: wanted.now,
  };
}

function shownBy({ key }: ClusterFacts): string {
  if (key === undefined) return 'no key';
  return keyIdOf({ vaultUri: key.vaultUri, keyName: key.name, keyVersion: key.version });
}

const keyIdOf = (key: { vaultUri: string; keyName: string; keyVersion: string }): string =>
  [`${key.vaultUri}/keys/${key.keyName}`, ...(key.keyVersion ? [key.keyVersion] : [])].join('/');

function keyFacts(
  { versions, deletedKey, outage }: KeySeen,
  wanted: string,
): Pick<KeyAccessFacts, 'version' | 'deletedKey' | 'hasOtherVersions' | 'outage'> {
  if (outage !== undefined) return { version: 'unseen', outage };
  if (versions === undefined) return { version: 'unseen' };
  const version = chooseVersion(versions, wanted === '' ? undefined : wanted);
  if (version !== undefined) return { version };
  const hasOtherVersions = versions.length > 0;
  return { hasOtherVersions, ...(deletedKey === undefined ? {} : { deletedKey }) };
}

async function missingGrantsOf(
  azure: Azure,
  grantee: { vault: VaultFacts; principalId: string },
  call: Call,
): Promise<string[]> {
  const held = await rightsHeld(azure, grantee, call);
  if (grantee.vault.rbac) {
    return held.includes(clusterGrant.role) ? [] : [`the role ${clusterGrant.roleName}`];
  }
  const missing = clusterKeyPermissions.filter((word) => !held.includes(word.toLowerCase()));
  return held.includes('all') ? [] : missing.map((word) => `${word} of keys`);
}
