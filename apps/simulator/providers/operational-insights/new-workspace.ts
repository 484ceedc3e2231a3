import { randomUUID } from 'node:crypto';
import { groupId } from '../../arm/scopes.ts';
import type { Transaction } from '../../store.ts';
import type { Workspace } from './documents.ts';

/** A workspace as the service makes it when nothing but name and place is said. */
export function newWorkspace(
  tx: Transaction,
  place: { subscriptionId: string; resourceGroup: string; name: string; location: string },
): Workspace {
  const group = groupId(place.subscriptionId, place.resourceGroup);
  return {
    id: `${group}/providers/Microsoft.OperationalInsights/workspaces/${place.name}`,
    ...place,
    tags: {},
    customerId: randomUUID(),
    sku: 'PerGB2018',
    retentionInDays: 30,
    provisioningState: 'Creating',
    createdAt: tx.now,
    modifiedAt: tx.now,
    lastSkuUpdateAt: tx.now,
    linkedAt: [],
  };
}
