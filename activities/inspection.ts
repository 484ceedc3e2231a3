import type { Azure, Call, ClusterFacts } from '#libs/azure/azure.ts';
import { formatVaultId, parseVaultId, type ClusterId } from '#libs/domain/azure-ids.ts';
import type { Inspected, InspectedKey } from '#libs/domain/inspection.ts';

import { readKeyAccess } from './key-access.ts';
import { readVersions, rightsHeld, rightsNeeded } from './key-facts.ts';

/** Reads a cluster, whoever made it, and all that its key depends on; undefined when it is not there. */
export async function inspectCluster(
  azure: Azure,
  { cluster, now }: { cluster: ClusterId; now: number },
  call: Call,
): Promise<Inspected | undefined> {
  const { value } = await azure.clusters.read(cluster, call);
  if (value === undefined) return undefined;
  const { region, provisioningState, principalId, workspaces, doubleEncryption = true } = value;
  const key = await inspectKey(azure, { cluster: value, now }, call);
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
  { cluster, now }: { cluster: ClusterFacts; now: number },
  call: Call,
): Promise<InspectedKey | undefined> {
  const { key, principalId } = cluster;
  if (key === undefined) return undefined;
  const { vaultUri, name, version } = key;
  const [, , subscriptionId = ''] = cluster.id.split('/');
  const { value: vault } = await azure.vaults.find({ subscriptionId, vaultUri }, call);
  const id = vault && parseVaultId(vault.id);
  if (vault === undefined || id === undefined) return { vaultUri, name, version, excess: [] };
  const wanted = { vaultId: formatVaultId(id), keyName: name, keyVersion: version, now };
  const [access, versions, held] = await Promise.all([
    readKeyAccess(azure, { cluster, wanted }, call),
    readVersions(azure, { vaultUri, name }, call),
    principalId === undefined ? [] : rightsHeld(azure, { vault, principalId }, call),
  ]);
  const needed = rightsNeeded(vault.rbac);
  return {
    vaultUri,
    name,
    version,
    access,
    ...(versions === undefined ? {} : { versions }),
    excess: held.filter((word) => !needed.includes(word)),
  };
}
