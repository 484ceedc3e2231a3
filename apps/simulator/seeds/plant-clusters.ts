import { randomUUID } from 'node:crypto';
import { recordActivity } from '../arm/activity-log.ts';
import type { RoleAssignment } from '../authorization.ts';
import { bindKey, createStorage } from '../cluster-storage.ts';
import { savePrincipal } from '../entra/directory.ts';
import { findKey } from '../key-vault/key-documents.ts';
import { saveVault } from '../key-vault/vault-documents.ts';
import {
  findUserAssignedIdentity,
  newUserAssignedIdentity,
} from '../providers/managed-identity/user-assigned-identities.ts';
import {
  listWorkspaces,
  saveCluster,
  saveLink,
  saveWorkspace,
} from '../providers/operational-insights/documents.ts';
import type {
  Cluster,
  ClusterIdentity,
  KeyProperties,
  Workspace,
} from '../providers/operational-insights/documents.ts';
import { enter } from '../storage/access.ts';
import { findStorage, saveStorage } from '../storage/documents.ts';
import type { Transaction } from '../store.ts';
import { grantOn, requireVault, setPolicies } from './plant-vaults.ts';
import type { Ground } from './plant-vaults.ts';
import type { SeedCluster, SeedWorkspace } from './seed-shape.ts';

const DAY_MS = 86_400_000;
const USUAL_AGE_DAYS = 90;
const GRANT = {
  role: 'Key Vault Crypto Service Encryption User',
  words: ['get', 'wrapKey', 'unwrapKey'],
};
const LINK_WRITE = 'Microsoft.OperationalInsights/workspaces/linkedServices/write';
const LINK_DELETE = 'Microsoft.OperationalInsights/workspaces/linkedServices/delete';

/** A user-assigned identity that has been there for long. */
export function plantIdentity(tx: Transaction, name: string, ground: Ground): void {
  const id = identityId(ground, name);
  if (findUserAssignedIdentity(tx, id)) return;
  const { location } = ground;
  const identity = newUserAssignedIdentity(tx, { id, name, location, tags: {} });
  const { principalId: objectId, clientId, tenantId } = identity;
  const principal = { name, objectId, clientId, tenantId, roles: [] };
  savePrincipal(tx, { kind: 'managedIdentity', ...principal });
}

/** A cluster that has stood for a while: granted, bound and linked, all of it in force. */
export function plantCluster(
  tx: Transaction,
  wanted: SeedCluster,
  places: { ground: Ground; first: Ground },
): void {
  const { ground, first } = places;
  const since = tx.now - (wanted.ageDays ?? USUAL_AGE_DAYS) * DAY_MS;
  const identity = identityFor(tx, wanted, { home: first, tenantId: ground.tenantId });
  const { subscriptionId, resourceGroup, location } = ground;
  const cluster: Cluster = {
    id: clusterId(wanted, ground),
    name: wanted.name,
    subscriptionId,
    resourceGroup,
    location,
    tags: {},
    identity,
    capacity: wanted.capacity ?? 500,
    billingType: 'Cluster',
    isDoubleEncryptionEnabled: true,
    isAvailabilityZonesEnabled: true,
    clusterId: randomUUID(),
    provisioningState: 'Succeeded',
    createdAt: since,
    modifiedAt: since,
    lastSkuUpdateAt: since,
  };
  saveCluster(tx, cluster);
  createStorage(tx, cluster.id);
  if (wanted.key) bind(tx, cluster, wanted);
  for (const workspace of listWorkspaces(tx)) {
    if (wanted.workspaces?.includes(workspace.name)) linkSince(tx, { workspace, cluster, since });
  }
}

/** What was done to the cluster behind everybody's back: its grant is gone. */
export function flawCluster(tx: Transaction, wanted: SeedCluster, ground: Ground): void {
  const { key, grantRemoved } = wanted;
  if (key === undefined || grantRemoved !== true) return;
  const { principalId } = requireCluster(tx, wanted, ground).identity;
  const vault = requireVault(tx, key.vault);
  const left = vault.accessPolicies.filter(({ objectId }) => objectId !== principalId);
  setPolicies(tx, vault, left);
  for (const assignment of tx.list<RoleAssignment>('roleAssignments')) {
    const grants = assignment.principalId === principalId && assignment.scope === vault.id;
    if (grants) tx.remove('roleAssignments', assignment.id);
  }
}

/** Whatever lost its key has lost it long ago: its data is out of reach already. */
export function settleLoss(tx: Transaction, wanted: SeedCluster, ground: Ground): void {
  const storage = findStorage(tx, requireCluster(tx, wanted, ground).id);
  if (storage?.access === 'revoking') saveStorage(tx, enter(tx, storage, 'revoked'));
}

/** Links that were made, and undone a day later: they are in the budget and in the activity log. */
export function spendLinks(tx: Transaction, wanted: SeedWorkspace, caller: string): void {
  const workspace = listWorkspaces(tx).find(({ name }) => name === wanted.name);
  if (!workspace || !wanted.spentLinks || workspace.linkedAt.length > 0) return;
  const linkedAt = wanted.spentLinks.map((days) => tx.now - days * DAY_MS);
  saveWorkspace(tx, { ...workspace, linkedAt });
  const resourceId = `${workspace.id}/linkedServices/cluster`;
  for (const at of linkedAt) {
    for (const [operationName, when] of [
      [LINK_WRITE, at],
      [LINK_DELETE, at + DAY_MS],
    ] as const) {
      const origin = { caller, correlationId: randomUUID(), operationName, resourceId };
      recordActivity(tx, origin, { status: 'Accepted', subStatus: '202', at: when });
      recordActivity(tx, origin, { status: 'Succeeded', at: when + 60_000 });
    }
  }
}

function bind(tx: Transaction, cluster: Cluster, wanted: SeedCluster): void {
  const { key, oddlySpelled } = wanted;
  const { principalId } = cluster.identity;
  if (!key || principalId === undefined) return;
  grantOn(tx, { vault: key.vault, objectId: principalId, ...GRANT });
  const versions = findKey(tx, key.vault, key.name)?.versions ?? [];
  const version = key.version === undefined ? '' : versions[key.version - 1];
  if (version === undefined) throw new Error(`binding ${wanted.name}: no version ${key.version}`);
  const vaultName = oddlySpelled === true ? key.vault.toUpperCase() : key.vault;
  const properties: KeyProperties = {
    keyVaultUri: `https://${vaultName}.vault.azure.net/`,
    keyName: key.name,
    keyVersion: version,
    keyRsaSize: 0,
  };
  const vault = requireVault(tx, key.vault);
  // A bind looks at the region; whoever moved the vault elsewhere did so afterwards.
  saveVault(tx, { ...vault, location: cluster.location });
  bindKey(tx, cluster.id, properties);
  saveVault(tx, vault);
  saveCluster(tx, { ...cluster, key: properties });
}

function linkSince(
  tx: Transaction,
  link: { workspace: Workspace; cluster: Cluster; since: number },
): void {
  const { workspace, cluster, since } = link;
  saveLink(tx, {
    workspaceId: workspace.id,
    clusterId: cluster.id,
    state: 'linked',
    operationId: randomUUID(),
    linkedSince: since,
  });
  saveWorkspace(tx, { ...workspace, linkedAt: [...workspace.linkedAt, since] });
}

function identityFor(
  tx: Transaction,
  wanted: SeedCluster,
  where: { home: Ground; tenantId: string },
): ClusterIdentity {
  const { home, tenantId } = where;
  if (wanted.identity !== undefined) {
    const id = identityId(home, wanted.identity);
    const found = findUserAssignedIdentity(tx, id);
    if (!found) throw new Error(`planting ${wanted.name}: there is no identity ${wanted.identity}`);
    const { principalId, clientId } = found;
    return { type: 'UserAssigned', tenantId, principalId, userAssigned: { id, clientId } };
  }
  const principalId = randomUUID();
  savePrincipal(tx, {
    kind: 'managedIdentity',
    name: wanted.name,
    objectId: principalId,
    clientId: randomUUID(),
    tenantId,
    roles: [],
  });
  return { type: 'SystemAssigned', tenantId, principalId };
}

function clusterId({ name, oddlySpelled }: SeedCluster, { group }: Ground): string {
  const path = `${group}/providers/Microsoft.OperationalInsights/clusters/`;
  return `${oddlySpelled === true ? path.toLowerCase() : path}${name}`;
}

function identityId({ group }: Ground, name: string): string {
  return `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

function requireCluster(tx: Transaction, wanted: SeedCluster, ground: Ground): Cluster {
  const cluster = tx.get<Cluster>('clusters', clusterId(wanted, ground));
  if (!cluster) throw new Error(`planting ${wanted.name}: the cluster is not there`);
  return cluster;
}
