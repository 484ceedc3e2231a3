import type { Transaction } from '../../store.ts';

/** The customer key a cluster is bound to; three empty strings never get here: they mean no key. */
export interface KeyProperties {
  readonly keyVaultUri: string;
  readonly keyName: string;
  /** 32 hex digits, or empty: follow the latest version (R93). */
  readonly keyVersion: string;
  readonly keyRsaSize: number;
}

export interface ClusterIdentity {
  readonly type: 'SystemAssigned' | 'UserAssigned' | 'None';
  readonly tenantId?: string;
  /** Object id of the identity that opens the vault: the system's or the user-assigned one. */
  readonly principalId?: string;
  readonly userAssigned?: { readonly id: string; readonly clientId: string };
}

export type BillingType = 'Cluster' | 'Workspaces';
export type ProvisioningState = 'Creating' | 'Succeeded' | 'Updating' | 'Deleting' | 'Failed';

/** A dedicated cluster as it is kept; instants are epoch ms. */
export interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly identity: ClusterIdentity;
  readonly capacity: number;
  readonly billingType: BillingType;
  readonly isDoubleEncryptionEnabled: boolean;
  readonly isAvailabilityZonesEnabled: boolean;
  readonly clusterId: string;
  readonly provisioningState: ProvisioningState;
  /** The key in force: while an update runs, still the old one (R57). */
  readonly key?: KeyProperties;
  /** What a running update will bring. */
  readonly pendingKey?: KeyProperties;
  readonly operationId?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly lastSkuUpdateAt: number;
}

/** What a workspace acts as, when it has an identity at all. */
export type WorkspaceIdentity =
  | { readonly type: 'SystemAssigned'; readonly tenantId: string; readonly principalId: string }
  | { readonly type: 'UserAssigned'; readonly ids: readonly string[] }
  | { readonly type: 'None' };

/** A deleted cluster: its name and its place in the quota stay taken until `releaseAt` (R43, R146). */
export interface DeletedCluster {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly deletedAt: number;
  readonly releaseAt: number;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly customerId: string;
  /** The sku as sent at creation; while linked the service shows LACluster. */
  readonly sku: string;
  readonly retentionInDays: number;
  readonly provisioningState: 'Creating' | 'Succeeded';
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly lastSkuUpdateAt: number;
  /** Instants of accepted link operations, the rolling budget of R71. */
  readonly linkedAt: readonly number[];
  readonly identity?: WorkspaceIdentity;
}

export interface DeletedWorkspace {
  readonly workspace: Workspace;
  readonly deletedAt: number;
  readonly releaseAt: number;
}

/** The link of a workspace to a cluster, under the workspace's id. */
export interface LinkedService {
  readonly workspaceId: string;
  readonly clusterId: string;
  readonly state: 'linking' | 'linked' | 'unlinking';
  readonly operationId: string;
  /** When the link took effect; absent while linking. */
  readonly linkedSince?: number;
}

const CLUSTERS = 'clusters';
const DELETED_CLUSTERS = 'deletedClusters';
const WORKSPACES = 'workspaces';
const DELETED_WORKSPACES = 'deletedWorkspaces';
const LINKS = 'linkedServices';

export function findCluster(tx: Transaction, id: string): Cluster | undefined {
  return tx.get<Cluster>(CLUSTERS, id);
}

export function listClusters(tx: Transaction): Cluster[] {
  return tx.list<Cluster>(CLUSTERS);
}

export function saveCluster(tx: Transaction, cluster: Cluster): Cluster {
  tx.put(CLUSTERS, cluster.id, cluster);
  return cluster;
}

export function removeCluster(tx: Transaction, id: string): void {
  tx.remove(CLUSTERS, id);
}

export function findDeletedCluster(tx: Transaction, id: string): DeletedCluster | undefined {
  return tx.get<DeletedCluster>(DELETED_CLUSTERS, id);
}

export function listDeletedClusters(tx: Transaction): DeletedCluster[] {
  return tx.list<DeletedCluster>(DELETED_CLUSTERS);
}

export function saveDeletedCluster(tx: Transaction, cluster: DeletedCluster): void {
  tx.put(DELETED_CLUSTERS, cluster.id, cluster);
}

export function removeDeletedCluster(tx: Transaction, id: string): void {
  tx.remove(DELETED_CLUSTERS, id);
}

export function findWorkspace(tx: Transaction, id: string): Workspace | undefined {
  return tx.get<Workspace>(WORKSPACES, id);
}

export function listWorkspaces(tx: Transaction): Workspace[] {
  return tx.list<Workspace>(WORKSPACES);
}

export function saveWorkspace(tx: Transaction, workspace: Workspace): Workspace {
  tx.put(WORKSPACES, workspace.id, workspace);
  return workspace;
}

export function removeWorkspace(tx: Transaction, id: string): void {
  tx.remove(WORKSPACES, id);
}

export function findDeletedWorkspace(tx: Transaction, id: string): DeletedWorkspace | undefined {
  return tx.get<DeletedWorkspace>(DELETED_WORKSPACES, id);
}

export function listDeletedWorkspaces(tx: Transaction): DeletedWorkspace[] {
  return tx.list<DeletedWorkspace>(DELETED_WORKSPACES);
}

export function saveDeletedWorkspace(tx: Transaction, deleted: DeletedWorkspace): void {
  tx.put(DELETED_WORKSPACES, deleted.workspace.id, deleted);
}

export function removeDeletedWorkspace(tx: Transaction, id: string): void {
  tx.remove(DELETED_WORKSPACES, id);
}

export function findLink(tx: Transaction, workspaceId: string): LinkedService | undefined {
  return tx.get<LinkedService>(LINKS, workspaceId);
}

/** The links to a cluster, in whatever state. */
export function linksOf(tx: Transaction, clusterId: string): LinkedService[] {
  return tx
    .list<LinkedService>(LINKS)
    .filter((link) => link.clusterId.toLowerCase() === clusterId.toLowerCase());
}

export function saveLink(tx: Transaction, link: LinkedService): LinkedService {
  tx.put(LINKS, link.workspaceId, link);
  return link;
}

export function removeLink(tx: Transaction, workspaceId: string): void {
  tx.remove(LINKS, workspaceId);
}

/** The cluster a workspace's new data goes to; undefined while linking and when unlinked. */
export function linkedClusterId(tx: Transaction, workspaceId: string): string | undefined {
  const link = findLink(tx, workspaceId);
  return link && link.state !== 'linking' ? link.clusterId : undefined;
}
