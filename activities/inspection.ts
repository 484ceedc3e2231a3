import type { Azure, Call, ClusterFacts } from '#libs/azure/azure.ts';
import { formatVaultId, parseVaultId, vaultUriOf, type ClusterId } from '#libs/domain/azure-ids.ts';
import type { Inspected, InspectedKey } from '#libs/domain/inspection.ts';

import { commonFacts, readKeyAccess } from './key-access.ts';
import { readKey, readKeyOrOutage, rightsHeld, rightsNeeded, unlessRefused } from './key-facts.ts';

interface Question {
  readonly cluster: ClusterId;
  /** Workflow time, epoch ms. */
  readonly now: number;
  /** Whether a vault that does not answer is waited for, and not told of as it is. */
  readonly needsVault?: true;
}

/** Reads a cluster, whoever made it, and all that its key depends on; undefined when it is not there. */
export async function inspectCluster(
  azure: Azure,
  { cluster, now, needsVault }: Question,
  call: Call,
): Promise<Inspected | undefined> {
  const { value } = await azure.clusters.read(cluster, call);
  if (value === undefined) return undefined;
  const { region, provisioningState, principalId, workspaces, doubleEncryption = true } = value;
  const read = needsVault === true ? readKey : readKeyOrOutage;
  const key = await inspectKey(azure, { cluster: value, now, read }, call);
  return {
    id: value.id,
    region,
    provisioningState,
    capacityGbPerDay: value.capacityGbPerDay ?? 0,
    doubleEncryption,
    ...(principalId === undefined ? {} : { principalId }),
    workspaces,
    ...(key === undefined ? {} : { key }),
  };
}

async function inspectKey(
  azure: Azure,
  { cluster, now, read }: { cluster: ClusterFacts; now: number; read: typeof readKey },
  call: Call,
): Promise<InspectedKey | undefined> {
  const { key, principalId } = cluster;
  if (key === undefined) return undefined;
  const { vaultUri, name, version } = key;
  const [, , subscriptionId = ''] = cluster.id.split('/');
  const sought = { subscriptionId, vaultUri };
  const wantedIn = (vaultId: string) => ({ vaultId, keyName: name, keyVersion: version, now });
  const { value: vault } = await azure.vaults.find(sought, call);
  const id = vault && parseVaultId(vault.id);
  if (vault === undefined || id === undefined) {
    const { value: deleted } = await unlessRefused(() => azure.vaults.findDeleted(sought, call));
    if (deleted === undefined) return { vaultUri, name, version, excess: [] };
    const deletedVault = { purgeAt: deleted.scheduledPurgeDate };
    const facts = commonFacts(cluster, wantedIn(deleted.id));
    const access = { ...facts, deletedVault, missingGrants: [] };
    return { vaultUri, name, version, access, excess: [] };
  }
  const seen = await read(azure, { vaultUri: vaultUriOf(id), name }, call);
  const wanted = wantedIn(formatVaultId(id));
  const [access, held] = await Promise.all([
    readKeyAccess(azure, { cluster, wanted, key: seen }, call),
    principalId === undefined ? [] : rightsHeld(azure, { vault, principalId }, call),
  ]);
  const needed = rightsNeeded(vault.rbac);
  return {
    vaultUri,
    name,
    version,
    access,
    ...(seen.versions === undefined ? {} : { versions: seen.versions }),
    excess: held.filter((word) => !needed.includes(word)),
  };
}
