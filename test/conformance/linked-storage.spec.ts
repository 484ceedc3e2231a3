/** The published client of Log Analytics against the simulator: queries kept in one's own storage. */
import { OperationalInsightsManagementClient } from '@azure/arm-operationalinsights';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, type Dial } from '#libs/dial/dial.ts';
import { tokenFor } from '../support/entra.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';

let simulator: RunningSimulator;
let dial: Dial;
let client: OperationalInsightsManagementClient;
let accountId: string;

beforeAll(async () => {
  simulator = await startSimulator({ clock: 'manual', rules: '2021' });
  const { tenantId, subscriptionId, resourceGroup, location, principals } = simulator.file;
  dial = createDial(simulator.file);
  const keyturn = principals.find(({ name }) => name === 'keyturn');
  if (keyturn === undefined) throw new Error('reading principals: keyturn is not among them');
  const { clientId, clientSecret } = keyturn;
  const config = { kind: 'client-secret' as const, tenantId, clientId, clientSecret };
  client = new OperationalInsightsManagementClient(createCredential(config, dial), subscriptionId, {
    agent: dial.agent,
    retryOptions: { maxRetries: 0 },
  });
  accountId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/stqueries`;
  const token = await tokenFor(simulator.file, 'owner', 'https://management.azure.com/.default');
  const made = await dial.fetch(`https://management.azure.com${accountId}?api-version=2023-05-01`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ location, kind: 'StorageV2', sku: { name: 'Standard_LRS' } }),
  });
  expect(made.status).toBe(200);
});

afterAll(async () => {
  dial.agent.destroy();
  await simulator.stop();
});

test('saves a search, links the account, and finds the search gone', async () => {
  const { resourceGroup } = simulator.file;
  const place = [resourceGroup, 'ws-audit'] as const;
  const search = { category: 'Audit', displayName: 'counts', query: 'KeyturnProbe_CL | count' };
  await client.savedSearches.createOrUpdate(...place, 'counts', search);
  const before = await client.savedSearches.listByWorkspace(...place);
  expect(before.value?.map(({ name }) => name)).toEqual(['counts']);

  const storageAccountIds = [accountId];
  await client.linkedStorageAccounts.createOrUpdate(...place, 'Query', { storageAccountIds });
  const linked = await client.linkedStorageAccounts.get(...place, 'Query');
  expect(linked.storageAccountIds).toEqual(storageAccountIds);
  const after = await client.savedSearches.listByWorkspace(...place);
  expect(after.value).toEqual([]);

  await client.linkedStorageAccounts.delete(...place, 'Query');
  await expect(client.linkedStorageAccounts.get(...place, 'Query')).rejects.toMatchObject({
    statusCode: 404,
  });
});
