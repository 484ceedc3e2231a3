import type { Transaction } from '../../store.ts';
import { findLink, linkedClusterId } from './documents.ts';
import type { Workspace } from './documents.ts';
import { identityMember } from './workspace-identity.ts';

/** Until this version skus came back in lower case and dates as RFC 1123 text (recordings 2021-2025). */
const LAST_OLD_VERSION = '2021-12-01-preview';

/** A workspace as GET shows it. Linked ones show the cluster and the sku LACluster (R21, R78). */
export function workspaceBody(tx: Transaction, workspace: Workspace, apiVersion: string): object {
  const old = apiVersion <= LAST_OLD_VERSION;
  const date = (at: number): string =>
    old ? new Date(at).toUTCString() : new Date(at).toISOString().replace('Z', '0000Z');
  const clusterId = linkedClusterId(tx, workspace.id);
  const sku = clusterId === undefined ? workspace.sku : 'LACluster';
  const lastSkuUpdate = findLink(tx, workspace.id)?.linkedSince ?? workspace.lastSkuUpdateAt;
  const midnight = Math.ceil((tx.now + 1) / 86_400_000) * 86_400_000;
  return {
    properties: {
      customerId: workspace.customerId,
      provisioningState: workspace.provisioningState,
      sku: { name: old ? sku.toLowerCase() : sku, lastSkuUpdate: date(lastSkuUpdate) },
      retentionInDays: workspace.retentionInDays,
      features: {
        legacy: 0,
        searchVersion: 1,
        enableLogAccessUsingOnlyResourcePermissions: true,
        ...(clusterId === undefined ? {} : { clusterResourceId: clusterId.toLowerCase() }),
      },
      workspaceCapping: {
        dailyQuotaGb: -1,
        quotaNextResetTime: date(midnight),
        dataIngestionStatus: 'RespectQuota',
      },
      publicNetworkAccessForIngestion: 'Enabled',
      publicNetworkAccessForQuery: 'Enabled',
      createdDate: date(workspace.createdAt),
      modifiedDate: date(workspace.modifiedAt),
    },
    ...identityMember(tx, workspace),
    location: workspace.location,
    tags: workspace.tags,
    id: workspace.id,
    name: workspace.name,
    type: 'Microsoft.OperationalInsights/workspaces',
  };
}

/** Whether an answer has the older shape. */
export function isOldWorkspaceVersion(apiVersion: string): boolean {
  return apiVersion <= LAST_OLD_VERSION;
}
