import type { Cluster } from '@azure/arm-operationalinsights';
import { type ClusterId, formatClusterId } from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';
import type { Started } from './wire.ts';

/** A dedicated cluster as Azure shows it; while it is updating, the key is still the old one. */
export interface ClusterFacts {
  id: string;
  region: string;
  /** Azure's own word; new words are to be expected (R153). */
  provisioningState: string;
  /** Of the identity that the cluster uses its key with, its own or the user-assigned one. */
  principalId?: string;
  tenantId?: string;
  identityType: string;
  /** Resource id. */
  userAssignedIdentity?: string;
  capacityGbPerDay?: number;
  billingType?: string;
  doubleEncryption?: boolean;
  /** The key it is bound to; `version` is '' where it follows the latest, or the one resolved (R162). */
  key?: { vaultUri: string; name: string; version: string };
  /** Resource ids of the workspaces linked to it. */
  workspaces: string[];
}

/** What a cluster is created with: an identity and never a key, whose grant needs that identity (R35). */
export interface NewCluster {
  region: string;
  /** Resource id of a user-assigned identity; absent, the cluster gets one of its own. */
  userAssignedIdentity?: string;
  capacityGbPerDay: number;
  billingType: string;
  /** Absent leaves it to the region, where it is on if it can be. */
  doubleEncryption?: false;
  tags: Record<string, string>;
}

/** Microsoft.OperationalInsights/clusters. Every method throws AzureError. */
export interface Clusters {
  read(id: ClusterId, call: Call): Promise<Seen<ClusterFacts | undefined>>;
  /** All clusters of a subscription, all pages. */
  list(subscriptionId: string, call: Call): Promise<Seen<ClusterFacts[]>>;
  create(id: ClusterId, cluster: NewCluster, call: Call): Promise<Started>;
  /** Points the cluster at a key and changes nothing else; `keyVersion` '' follows the latest. */
  bindKey(
    id: ClusterId,
    key: { vaultUri: string; keyName: string; keyVersion: string },
    call: Call,
  ): Promise<Started>;
}

export function createClusters({ wire, insights }: SdkClients): Clusters {
  const of = (id: ClusterId) => insights(id.subscriptionId).clusters;
  return {
    read: (id, call) =>
      wire.read({ doing: 'reading cluster', target: formatClusterId(id) }, call, async (options) =>
        toFacts(await of(id).get(id.resourceGroup, id.name, options)),
      ),
    list: (subscriptionId, call) =>
      wire.ask(
        { doing: 'listing clusters of subscription', target: subscriptionId },
        call,
        async (options) => {
          const clusters: ClusterFacts[] = [];
          const pages = insights(subscriptionId).clusters.list(options);
          for await (const cluster of pages) clusters.push(toFacts(cluster));
          return clusters;
        },
      ),
    create: (id, cluster, call) =>
      wire.start({ doing: 'creating cluster', target: formatClusterId(id) }, call, (options) =>
        of(id).beginCreateOrUpdate(id.resourceGroup, id.name, toBody(cluster), options),
      ),
    bindKey: (id, { vaultUri, keyName, keyVersion }, call) =>
      wire.start(
        { doing: 'binding the key of cluster', target: formatClusterId(id) },
        call,
        (options) => {
          const keyVaultProperties = { keyVaultUri: vaultUri, keyName, keyVersion };
          return of(id).beginUpdate(id.resourceGroup, id.name, { keyVaultProperties }, options);
        },
      ),
  };
}

function toBody(cluster: NewCluster): Cluster {
  return {
    location: cluster.region,
    identity:
      cluster.userAssignedIdentity === undefined
        ? { type: 'SystemAssigned' }
        : { type: 'UserAssigned', userAssignedIdentities: { [cluster.userAssignedIdentity]: {} } },
    sku: { name: 'CapacityReservation', capacity: cluster.capacityGbPerDay },
    billingType: cluster.billingType,
    ...(cluster.doubleEncryption === false && { isDoubleEncryptionEnabled: false }),
    tags: cluster.tags,
  };
}

function toFacts(cluster: Cluster): ClusterFacts {
  const { identity, sku, billingType, isDoubleEncryptionEnabled } = cluster;
  const key = toKey(cluster);
  const [[userAssigned, itsIdentity] = []] = Object.entries(identity?.userAssignedIdentities ?? {});
  const principalId = identity?.principalId ?? itsIdentity?.principalId;
  return {
    id: cluster.id ?? '',
    region: cluster.location,
    provisioningState: cluster.provisioningState ?? 'Succeeded',
    ...(principalId !== undefined && { principalId }),
    ...(userAssigned !== undefined && { userAssignedIdentity: userAssigned }),
    ...(identity?.tenantId !== undefined && { tenantId: identity.tenantId }),
    identityType: identity?.type ?? 'None',
    ...(typeof sku?.capacity === 'number' && { capacityGbPerDay: sku.capacity }),
    ...(billingType !== undefined && { billingType }),
    ...(isDoubleEncryptionEnabled !== undefined && { doubleEncryption: isDoubleEncryptionEnabled }),
    ...(key !== undefined && { key }),
    workspaces: (cluster.associatedWorkspaces ?? []).flatMap(({ resourceId }) => resourceId ?? []),
  };
}

/** Azure writes "no key" as an absent member, as `{}`, or as empty strings (R163). */
function toKey({ keyVaultProperties }: Cluster): ClusterFacts['key'] {
  const { keyVaultUri, keyName, keyVersion } = keyVaultProperties ?? {};
  if (!keyVaultUri || !keyName) return undefined;
  return { vaultUri: keyVaultUri, name: keyName, version: keyVersion ?? '' };
}
