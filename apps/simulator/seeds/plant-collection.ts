import { randomUUID } from 'node:crypto';
import { groupId } from '../arm/scopes.ts';
import type { StoredPrincipal } from '../entra/directory.ts';
import { findEndpoint, findRule, saveEndpoint, saveRule } from '../logs/documents.ts';
import { newEndpoint, newRule } from '../logs/new-collection.ts';
import { giveRole } from '../providers/authorization/role-assignments.ts';
import { listWorkspaces } from '../providers/operational-insights/documents.ts';
import type { Transaction } from '../store.ts';
import type { Seed } from './seed-shape.ts';

/** A rule leads to so many workspaces at most (azure-docs, service limits of Azure Monitor). */
const DESTINATIONS = 10;

/** The seed's endpoint and rule, with the right to send for its publishers; what exists stays as it is. */
export function plantCollection(tx: Transaction, seed: Seed, subscriptionId: string): void {
  const { collection, location, resourceGroups, workspaces } = seed;
  const [group] = resourceGroups;
  if (collection === undefined || group === undefined) return;
  const scope = `${groupId(subscriptionId, group.name)}/providers/Microsoft.Insights`;
  const ruleId = `${scope}/dataCollectionRules/${collection.rule}`;
  if (findRule(tx, ruleId) !== undefined) return;
  const endpointId = `${scope}/dataCollectionEndpoints/${collection.endpoint}`;
  const place = { location: group.location ?? location, tags: {} };
  if (findEndpoint(tx, endpointId) === undefined) {
    saveEndpoint(tx, newEndpoint({ id: endpointId, name: collection.endpoint, ...place }));
  }
  const names = workspaces.map(({ name }) => name);
  const destinations = listWorkspaces(tx)
    .filter(({ name }) => names.includes(name))
    .slice(0, DESTINATIONS)
    .map(({ id, name }) => ({ workspaceResourceId: id, name }));
  const stream = `Custom-${collection.table}`;
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    ...collection.columns.map((name) => ({ name, type: 'string' })),
  ];
  const flow = { streams: [stream], destinations: destinations.map(({ name }) => name) };
  saveRule(
    tx,
    newRule(
      { id: ruleId, name: collection.rule, ...place },
      {
        endpointId,
        streams: { [stream]: { columns } },
        destinations,
        flows: [{ ...flow, outputStream: stream }],
      },
    ),
  );
  for (const { name, objectId } of tx.list<StoredPrincipal>('principals')) {
    if (!collection.publishers.includes(name)) continue;
    const role = { principalId: objectId, role: 'Monitoring Metrics Publisher' };
    giveRole(tx, { scope: ruleId, ...role, name: randomUUID() });
  }
}
