import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsOf, writeSettings } from '../../settings.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Question, SimulatedAzure } from '../../simulated-azure.ts';
import { principalOf, refusal } from '../../key-vault/spec-vault.ts';
import { giveRole } from '../authorization/role-assignments.ts';
import { saveLink } from './documents.ts';
import type { Cluster } from './documents.ts';
import { clusterAt, idOf, linkAt, provide } from './spec-stories.ts';

let azure: SimulatedAzure;
let cluster: Cluster;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  cluster = await provide(azure, 'target');
});

afterEach(async () => {
  await azure.close();
});

const workspaceAt = (name: string): string => `Microsoft.OperationalInsights/workspaces/${name}`;
const to = (id: string): Question => ({ body: { properties: { writeAccessResourceId: id } } });

test('a link shows on workspace and cluster when it is through', async () => {
  const link = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  const during = await azure.ask('GET', workspaceAt('ws-audit'));
  const running = await azure.ask('GET', linkAt('ws-audit'));
  await azure.advance(18 * 60);
  const after = await azure.ask('GET', workspaceAt('ws-audit'));
  const owner = await azure.ask('GET', clusterAt('target'));
  expect(link.status).toBe(202);
  expect(running.body).toMatchObject({ properties: { provisioningState: 'ProvisioningAccount' } });
  expect(during.body).not.toHaveProperty('properties.features.clusterResourceId');
  expect(after.body).toMatchObject({
    properties: {
      sku: { name: 'LACluster' },
      features: { clusterResourceId: cluster.id.toLowerCase() },
    },
  });
  expect(owner.body).toMatchObject({
    properties: { associatedWorkspaces: [{ workspaceName: 'ws-audit' }] },
  });
});

test('an unlink clears the workspace, and its result ends with 204', async () => {
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const unlink = await azure.ask('DELETE', linkAt('ws-audit'));
  await azure.advance(30);
  const workspace = await azure.ask('GET', workspaceAt('ws-audit'));
  const link = await azure.ask('GET', linkAt('ws-audit'));
  const result = await azure.ask('GET', unlink.headers['location'] ?? '');
  const again = await azure.ask('DELETE', linkAt('ws-audit'));
  expect(workspace.body).toMatchObject({ properties: { sku: { name: 'PerGB2018' } } });
  expect(link).toMatchObject({ status: 404, body: { error: { code: 'NotFound' } } });
  expect(link.body).not.toHaveProperty('error.message');
  expect([result.status, again.status]).toEqual([204, 204]);
});

test('in 2020 link and unlink answered 200 with a body while they ran', async () => {
  const question = { ...to(cluster.id), apiVersion: '2020-08-01' };
  const link = await azure.ask('PUT', linkAt('ws-audit'), question);
  await azure.advance(18 * 60);
  const unlink = await azure.ask('DELETE', linkAt('ws-audit'), { apiVersion: '2020-08-01' });
  expect(link).toMatchObject({
    status: 200,
    body: { name: 'ws-audit/Cluster', properties: { provisioningState: 'ProvisioningAccount' } },
  });
  expect(unlink).toMatchObject({
    status: 200,
    body: { properties: { provisioningState: 'Succeeded' } },
  });
  expect(Object.keys(link.headers)).toContain('azure-asyncoperation');
});

test('a third link in thirty days is refused, and possible when the first has aged', async () => {
  for (let round = 0; round < 2; round += 1) {
    await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
    await azure.advance(18 * 60);
    await azure.ask('DELETE', linkAt('ws-audit'));
    await azure.advance(30);
  }
  const third = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(30 * 86_400 - 2 * (18 * 60 + 30));
  const aged = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  expect(third.status).toBe(400);
  expect(third.body).toMatchObject({ error: { message: expect.stringContaining('30 days') } });
  expect(aged.status).toBe(202);
});

test('linking a linked workspace to its own cluster again changes nothing', async () => {
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const again = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  expect(again.status).toBe(200);
  expect(again.effects).toEqual([]);
});

test('a workspace that is linked elsewhere must be unlinked first', async () => {
  const other = await provide(azure, 'other');
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const reply = await azure.ask('PUT', linkAt('ws-audit'), to(other.id));
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({
    error: { message: expect.stringContaining('already linked') },
  });
});

test('with a switch a workspace goes straight from one cluster to another, and spends a link', async () => {
  await azure.look((tx) => {
    writeSettings(tx, { ...settingsOf(tx), switches: ['direct-relinks'] });
  });
  const other = await provide(azure, 'other');
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const reply = await azure.ask('PUT', linkAt('ws-audit'), to(other.id));
  const during = await azure.ask('GET', linkAt('ws-audit'));
  await azure.advance(18 * 60);
  const after = await azure.ask('GET', linkAt('ws-audit'));
  const third = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  const writeAccessResourceId = other.id.toLowerCase();
  const shown = (provisioningState: string) => ({
    properties: { writeAccessResourceId, provisioningState },
  });
  expect(reply.status).toBe(202);
  expect(during.body).toMatchObject(shown('ProvisioningAccount'));
  expect(after.body).toMatchObject(shown('Succeeded'));
  expect(refusal(third)[0]).toBe(400);
});

test('a link needs the right to write the cluster too', async () => {
  const { objectId } = await principalOf(azure, 'reader');
  const scope = workspaceAt('ws-audit');
  await azure.look((tx) =>
    giveRole(tx, {
      scope: idOf(azure, scope),
      principalId: objectId,
      role: 'Log Analytics Contributor',
      name: 'spec',
    }),
  );
  const reply = await azure.ask('PUT', linkAt('ws-audit'), { ...to(cluster.id), as: 'reader' });
  expect(refusal(reply)).toEqual([403, 'LinkedAuthorizationFailed', undefined]);
});

test('the thousand-and-first workspace finds no room', async () => {
  await azure.look((tx) => {
    for (let index = 0; index < 1000; index += 1) {
      const workspaceId = `/subscriptions/other/workspaces/${index}`;
      saveLink(tx, { workspaceId, clusterId: cluster.id, state: 'linked', operationId: 'spec' });
    }
  });
  const reply = await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  expect(reply).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('1000 linked workspaces') } },
  });
});

test('a workspace of another region cannot be linked', async () => {
  const created = await azure.ask('PUT', workspaceAt('ws-far'), { body: { location: 'eastus' } });
  const reply = await azure.ask('PUT', linkAt('ws-far'), to(cluster.id));
  expect(created.status).toBe(201);
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ error: { message: expect.stringContaining('region') } });
});

test('a deleted linked workspace comes back linked', async () => {
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const before = await azure.ask('GET', workspaceAt('ws-audit'));
  await azure.ask('DELETE', workspaceAt('ws-audit'));
  const gone = await azure.ask('GET', workspaceAt('ws-audit'));
  const back = await azure.ask('PUT', workspaceAt('ws-audit'), {
    body: { location: 'westeurope' },
  });
  expect(gone.status).toBe(404);
  expect(back.status).toBe(200);
  const { customerId } = (before.body as { properties: { customerId: string } }).properties;
  expect(back.body).toMatchObject({
    properties: { customerId, features: { clusterResourceId: cluster.id.toLowerCase() } },
  });
});

test('the deletion of a cluster unlinks its workspaces, and fails a link still running', async () => {
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const running = await azure.ask('PUT', linkAt('ws-trading'), to(cluster.id));
  await azure.ask('DELETE', clusterAt('target'));
  await azure.advance(1);
  const workspace = await azure.ask('GET', workspaceAt('ws-audit'));
  await azure.advance(18 * 60);
  const operation = await azure.ask('GET', running.headers['azure-asyncoperation'] ?? '');
  expect(workspace.body).not.toHaveProperty('properties.features.clusterResourceId');
  expect(operation.body).toMatchObject({ status: 'Failed', error: { code: 'Conflict' } });
});

test('the sku of a linked workspace stays', async () => {
  await azure.ask('PUT', linkAt('ws-audit'), to(cluster.id));
  await azure.advance(18 * 60);
  const body = { properties: { sku: { name: 'PerGB2018' } } };
  const reply = await azure.ask('PATCH', workspaceAt('ws-audit'), { body });
  expect(reply.body).toEqual({
    error: {
      code: 'BadRequest',
      message: 'sku.name can not be changed while workspace is linked to cluster',
    },
  });
});
