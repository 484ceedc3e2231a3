import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { SimulatedAzure } from '../../simulated-azure.ts';

let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

const at = (name: string): string => `Microsoft.OperationalInsights/workspaces/${name}`;
const body = { location: 'westeurope', properties: { sku: { name: 'PerGB2018' } } };

test('a workspace is created in two seconds', async () => {
  const created = await azure.ask('PUT', at('ws-new'), { body });
  await azure.advance(2);
  const read = await azure.ask('GET', at('ws-new'));
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ properties: { provisioningState: 'Creating' } });
  expect(created.headers['location']).toContain('/workspaces/ws-new?api-version=2025-07-01');
  expect(read.body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
});

test('before 2022-10-01 skus come back in lower case, dates as text, without Location', async () => {
  const created = await azure.ask('PUT', at('ws-new'), { body, apiVersion: '2021-12-01-preview' });
  expect(created.body).toMatchObject({
    properties: {
      sku: { name: 'pergb2018' },
      createdDate: expect.stringMatching(/ GMT$/u),
    },
  });
  expect(created.headers).not.toHaveProperty('location');
});

test('the deletion is soft for fourteen days, and a second one is 204', async () => {
  const first = await azure.ask('DELETE', at('ws-audit'));
  const second = await azure.ask('DELETE', at('ws-audit'));
  const deleted = await azure.ask('GET', 'Microsoft.OperationalInsights/deletedWorkspaces');
  await azure.advance(14 * 86_400);
  const purged = await azure.ask('GET', 'Microsoft.OperationalInsights/deletedWorkspaces');
  const anew = await azure.ask('PUT', at('ws-audit'), { body });
  expect([first.status, second.status, anew.status]).toEqual([200, 204, 201]);
  expect(deleted.body).toMatchObject({ value: [{ name: 'ws-audit' }] });
  expect(purged.body).toEqual({ value: [] });
});

test('a forced deletion is for good', async () => {
  await azure.ask('DELETE', `${at('ws-audit')}?force=true`);
  const anew = await azure.ask('PUT', at('ws-audit'), { body });
  expect(anew.status).toBe(201);
});

test('a workspace stays in its region', async () => {
  const moved = await azure.ask('PUT', at('ws-audit'), { body: { location: 'eastus' } });
  expect(moved).toMatchObject({
    status: 409,
    body: { error: { code: 'InvalidResourceLocation' } },
  });
});
