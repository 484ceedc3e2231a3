import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { groupId, listSubscriptions, normalRegion, saveGroup } from '../arm/scopes.ts';
import { savePrincipal } from '../entra/directory.ts';
import type { StoredPrincipal } from '../entra/directory.ts';
import { giveRole } from '../providers/authorization/role-assignments.ts';
import { saveWorkspace } from '../providers/operational-insights/documents.ts';
import { newWorkspace } from '../providers/operational-insights/new-workspace.ts';
import type { Transaction } from '../store.ts';
import { namedSeeds } from './named-seeds.ts';
import type { Seed } from './named-seeds.ts';
import { plantCollection } from './plant-collection.ts';

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
  const [firstGroup] = seed.resourceGroups;
  for (const { name, location } of seed.resourceGroups) {
    if (tx.get('resourceGroups', groupId(subscriptionId, name))) continue;
    const region = normalRegion(location ?? seed.location);
    saveGroup(tx, { subscriptionId, name, location: region, tags: {} });
  }
  for (const { name, resourceGroup, location } of seed.workspaces) {
    const workspace = newWorkspace(tx, {
      subscriptionId,
      resourceGroup: resourceGroup ?? firstGroup?.name ?? '',
      name,
      location: normalRegion(location ?? seed.location),
    });
    if (tx.get('workspaces', workspace.id)) continue;
    saveWorkspace(tx, { ...workspace, provisioningState: 'Succeeded' });
  }
  for (const principal of seed.principals) {
    addPrincipal(tx, { ...principal, tenantId, scope: `/subscriptions/${subscriptionId}` });
  }
  plantCollection(tx, seed, subscriptionId);
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
    clientSecret: randomBytes(30).toString('base64url'),
    tenantId: wanted.tenantId,
    roles: [...(wanted.roles ?? [])],
    ...(wanted.azureRoles && { azureRoles: wanted.azureRoles }),
  });
  for (const role of wanted.azureRoles ?? []) {
    giveRole(tx, { scope: wanted.scope, principalId: objectId, role, name: randomUUID() });
  }
}
