import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { groupId, listSubscriptions, normalRegion, saveGroup } from '../arm/scopes.ts';
import { savePrincipal } from '../entra/directory.ts';
import type { StoredPrincipal } from '../entra/directory.ts';
import { giveRole } from '../providers/authorization/role-assignments.ts';
import { findVault } from '../key-vault/vault-documents.ts';
import { listClusters, saveWorkspace } from '../providers/operational-insights/documents.ts';
import { newWorkspace } from '../providers/operational-insights/new-workspace.ts';
import type { Transaction } from '../store.ts';
import { namedSeeds } from './named-seeds.ts';
import { addFault } from '../faults.ts';
import { settleAccess } from '../storage/access.ts';
import {
  flawCluster,
  plantCluster,
  plantIdentity,
  settleLoss,
  spendLinks,
} from './plant-clusters.ts';
import { plantCollection } from './plant-collection.ts';
import { flawVault, plantVault } from './plant-vaults.ts';
import type { Ground } from './plant-vaults.ts';
import type { Seed } from './seed-shape.ts';

/** A named seed, or one from a JSON file of the same shape. Throws when there is neither. */
export function readSeed(nameOrFile: string): Seed {
  const named = namedSeeds[nameOrFile];
  if (named) return named;
  try {
    return JSON.parse(readFileSync(nameOrFile, 'utf8')) as Seed;
  } catch (error) {
    const names = Object.keys(namedSeeds).join(', ');
    throw new Error(`reading seed ${nameOrFile}: it is none of ${names}, nor a readable file`, {
      cause: error,
    });
  }
}

/** Adds a seed to the world. What exists under the same name stays as it is. */
export function applySeed(tx: Transaction, seed: Seed): void {
  const [subscription] = listSubscriptions(tx);
  if (!subscription) throw new Error('applying a seed: there is no subscription');
  const { subscriptionId, tenantId } = subscription;
  for (const { name, location } of seed.resourceGroups) {
    if (tx.get('resourceGroups', groupId(subscriptionId, name))) continue;
    const region = normalRegion(location ?? seed.location);
    saveGroup(tx, { subscriptionId, name, location: region, tags: {} });
  }
  const groundOf = groundFinder(seed, { subscriptionId, tenantId });
  for (const place of seed.workspaces) {
    const { resourceGroup, location } = groundOf(place);
    const workspace = newWorkspace(tx, {
      subscriptionId,
      resourceGroup,
      name: place.name,
      location,
    });
    if (tx.get('workspaces', workspace.id)) continue;
    saveWorkspace(tx, { ...workspace, provisioningState: 'Succeeded' });
  }
  for (const principal of seed.principals) {
    addPrincipal(tx, { ...principal, tenantId, scope: `/subscriptions/${subscriptionId}` });
  }
  plantCollection(tx, seed, subscriptionId);
  plantEstate(tx, seed, groundOf);
  for (const rule of seed.faults ?? []) addFault(tx, rule);
}

type GroundOf = (place: { resourceGroup?: string; location?: string }) => Ground;

/** Where a place is: its group or the first one, its region or its group's. */
function groundFinder(seed: Seed, tenant: { subscriptionId: string; tenantId: string }): GroundOf {
  return (place) => {
    const name = place.resourceGroup ?? seed.resourceGroups[0]?.name ?? '';
    const group = seed.resourceGroups.find((candidate) => candidate.name === name);
    const location = normalRegion(place.location ?? group?.location ?? seed.location);
    return {
      ...tenant,
      group: groupId(tenant.subscriptionId, name),
      resourceGroup: name,
      location,
    };
  };
}

/** Vaults and clusters, sound at first; then what is wrong with them. Those that are there already stay. */
function plantEstate(tx: Transaction, seed: Seed, groundOf: GroundOf): void {
  const first = groundOf({});
  const vaults = (seed.vaults ?? []).filter(({ name }) => findVault(tx, name) === undefined);
  const clusters = (seed.clusters ?? []).filter(
    (wanted) => !listClusters(tx).some(({ name }) => name === wanted.name),
  );
  for (const name of seed.identities ?? []) plantIdentity(tx, name, first);
  for (const vault of vaults) plantVault(tx, vault, groundOf(vault));
  for (const cluster of clusters) plantCluster(tx, cluster, { ground: groundOf(cluster), first });
  for (const vault of vaults) flawVault(tx, vault);
  for (const cluster of clusters) flawCluster(tx, cluster, groundOf(cluster));
  settleAccess(tx);
  for (const cluster of clusters) settleLoss(tx, cluster, groundOf(cluster));
  const owner = tx.list<StoredPrincipal>('principals').find(({ name }) => name === 'owner');
  for (const workspace of seed.workspaces) spendLinks(tx, workspace, owner?.objectId ?? '');
}

function addPrincipal(
  tx: Transaction,
  wanted: Seed['principals'][number] & { tenantId: string; scope: string },
): void {
  const known = tx
    .list<StoredPrincipal>('principals')
    .some(({ name, kind }) => kind === 'application' && name === wanted.name);
  if (known) return;
  const objectId = randomUUID();
  savePrincipal(tx, {
    kind: 'application',
    name: wanted.name,
    objectId,
    clientId: randomUUID(),
    // No leading dash: on a command line it would be read as an option.
    clientSecret: `s${randomBytes(30).toString('base64url')}`,
    tenantId: wanted.tenantId,
    roles: [...(wanted.roles ?? [])],
    ...(wanted.azureRoles && { azureRoles: wanted.azureRoles }),
    ...(wanted.federatedSubject !== undefined && { federatedSubject: wanted.federatedSubject }),
  });
  for (const role of wanted.azureRoles ?? []) {
    giveRole(tx, { scope: wanted.scope, principalId: objectId, role, name: randomUUID() });
  }
}
