import type { Transaction } from '../../store.ts';
import { findWorkspace, linksOf } from './documents.ts';
import type { Cluster, ClusterIdentity, KeyProperties } from './documents.ts';
import { rulesOf } from './rules.ts';

const REVERT_PERIOD_MS = 6 * 3_600_000;

/** A cluster as GET shows it, in the shape of the api-version asked with (SPEC table, recordings 2020-2025). */
export function clusterBody(tx: Transaction, cluster: Cluster, apiVersion: string): object {
  const sku = { name: 'CapacityReservation', capacity: cluster.capacity };
  const legacySku = isLegacy(apiVersion)
    ? { lastSkuUpdate: dateText(cluster.lastSkuUpdateAt, apiVersion) }
    : {};
  return {
    identity: identityBody(cluster.identity),
    sku: { ...sku, ...legacySku },
    properties: properties(tx, cluster, apiVersion),
    location: cluster.location,
    tags: cluster.tags,
    id: cluster.id,
    name: cluster.name,
    type: 'Microsoft.OperationalInsights/clusters',
  };
}

/** Versions of the seed's time: other words, dates and status codes. */
export function isLegacy(apiVersion: string): boolean {
  return apiVersion <= '2021-06-01';
}

/** RFC 1123 text, except in the newest version, whose schema demands date-time. */
export function dateText(at: number, apiVersion: string): string {
  return apiVersion >= '2025-07-01' ? new Date(at).toISOString() : new Date(at).toUTCString();
}

function properties(tx: Transaction, cluster: Cluster, apiVersion: string): object {
  const creating = isLegacy(apiVersion) ? 'ProvisioningAccount' : 'Creating';
  return {
    provisioningState:
      cluster.provisioningState === 'Creating' ? creating : cluster.provisioningState,
    clusterId: cluster.clusterId,
    ...keyMember(cluster.key, apiVersion),
    ...(apiVersion >= '2020-10-01'
      ? {
          billingType: cluster.billingType,
          isDoubleEncryptionEnabled: cluster.isDoubleEncryptionEnabled,
          isAvailabilityZonesEnabled: cluster.isAvailabilityZonesEnabled,
        }
      : {}),
    ...(apiVersion >= '2021-06-01' ? laterProperties(tx, cluster, apiVersion) : {}),
  };
}

function laterProperties(tx: Transaction, cluster: Cluster, apiVersion: string): object {
  const revertEnd = new Date(cluster.lastSkuUpdateAt + REVERT_PERIOD_MS).toISOString();
  return {
    lastModifiedDate: dateText(cluster.modifiedAt, apiVersion),
    createdDate: dateText(cluster.createdAt, apiVersion),
    capacityReservationProperties: {
      lastSkuUpdate: dateText(cluster.lastSkuUpdateAt, apiVersion),
      minCapacity: rulesOf(tx).tiers[0],
      ...(apiVersion >= '2025-02-01' ? { revertPeriodEndTime: revertEnd } : {}),
    },
    associatedWorkspaces: associatedWorkspaces(tx, cluster, apiVersion),
  };
}

function associatedWorkspaces(tx: Transaction, cluster: Cluster, apiVersion: string): object[] {
  return linksOf(tx, cluster.id).flatMap((link) => {
    const workspace = findWorkspace(tx, link.workspaceId);
    if (!workspace || link.linkedSince === undefined) return [];
    return [
      {
        workspaceId: workspace.customerId,
        workspaceName: workspace.name,
        resourceId: workspace.id,
        associateDate: dateText(link.linkedSince, apiVersion),
      },
    ];
  });
}

/** The vault comes back normalised, with a port in 2020 and a slash later. */
function keyMember(key: KeyProperties | undefined, apiVersion: string): object {
  if (!key) return isLegacy(apiVersion) ? { keyVaultProperties: {} } : {};
  const { hostname } = new URL(key.keyVaultUri);
  const keyVaultUri =
    apiVersion < '2021-01-01' ? `https://${hostname}:443` : `https://${hostname}/`;
  const size = apiVersion >= '2020-10-01' ? { keyRsaSize: key.keyRsaSize } : {};
  const { keyName, keyVersion } = key;
  return { keyVaultProperties: { keyVaultUri, keyName, keyVersion, ...size } };
}

function identityBody(identity: ClusterIdentity): object {
  const { type, tenantId, principalId, userAssigned } = identity;
  if (type === 'SystemAssigned') return { type, tenantId, principalId };
  if (type === 'None' || !userAssigned) return { type: 'None' };
  const { id, clientId } = userAssigned;
  return { type, userAssignedIdentities: { [id]: { principalId, clientId } } };
}
