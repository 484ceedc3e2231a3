import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../../simulated-azure.ts';
import { giveRole } from '../authorization/role-assignments.ts';
import { idOf } from './spec-stories.ts';

const WORKSPACE = 'Microsoft.OperationalInsights/workspaces/ws-audit';
let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

function accountAt(name: string): string {
  return `Microsoft.Storage/storageAccounts/${name}`;
}

async function makeAccount(name: string, change: object = {}): Promise<string> {
  await azure.ask('PUT', accountAt(name), {
    apiVersion: '2023-05-01',
    body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, ...change },
  });
  return idOf(azure, accountAt(name));
}

/** Gives the workspace an identity that may write tables of the account. */
async function letWorkspaceIn(accountId: string): Promise<void> {
  const { body } = await azure.ask('PATCH', WORKSPACE, {
    body: { identity: { type: 'SystemAssigned' } },
  });
  const { principalId } = (body as { identity: { principalId: string } }).identity;
  const role = { principalId, role: 'Storage Table Data Contributor', name: randomUUID() };
  await azure.look((tx) => giveRole(tx, { scope: accountId, ...role }));
}

async function link(kind: string, ids: string[], as = 'owner'): Promise<Reply> {
  return await azure.ask('PUT', `${WORKSPACE}/linkedStorageAccounts/${kind}`, {
    as,
    body: { properties: { storageAccountIds: ids } },
  });
}

async function save(name: string, change: object = {}): Promise<Reply> {
  const properties = { category: 'Audit', displayName: name, query: 'KeyturnProbe_CL | count' };
  return await azure.ask('PUT', `${WORKSPACE}/savedSearches/${name}`, {
    body: { properties, ...change },
  });
}

async function saved(): Promise<string[]> {
  const { body } = await azure.ask('GET', `${WORKSPACE}/savedSearches`);
  return (body as { value: { name: string }[] }).value.map(({ name }) => name);
}

describe('today', () => {
  beforeEach(async () => {
    azure = await openSimulatedAzure();
  });

  test('an account is linked at once, for queries and for alerts, and unlinked again', async () => {
    const account = await makeAccount('stqueries');
    await letWorkspaceIn(account);
    for (const kind of ['query', 'Alerts']) expect((await link(kind, [account])).status).toBe(200);
    const list = await azure.ask('GET', `${WORKSPACE}/linkedStorageAccounts`);
    expect(list.body).toMatchObject({
      value: [
        { name: 'Query', properties: { storageAccountIds: [account] } },
        { name: 'Alerts', properties: { dataSourceType: 'Alerts' } },
      ],
    });
    const unlink = async (): Promise<number> =>
      (await azure.ask('DELETE', `${WORKSPACE}/linkedStorageAccounts/Query`)).status;
    expect([await unlink(), await unlink()]).toEqual([200, 204]);
    expect((await azure.ask('GET', `${WORKSPACE}/linkedStorageAccounts/Query`)).status).toBe(404);
  });

  test('in 2020 kinds came back in lower case', async () => {
    const account = await makeAccount('stingest');
    const reply = await azure.ask('PUT', `${WORKSPACE}/linkedStorageAccounts/Ingestion`, {
      apiVersion: '2020-08-01',
      body: { properties: { storageAccountIds: [account] } },
    });
    expect(reply.body).toMatchObject({
      name: 'ingestion',
      properties: { dataSourceType: 'ingestion' },
    });
  });

  test('it must be there, in the region, of the right kind, and one only', async () => {
    const good = await makeAccount('stgood');
    await letWorkspaceIn(good);
    const elsewhere = await makeAccount('stelsewhere', { location: 'eastus' });
    const old = await makeAccount('stold', { kind: 'Storage' });
    for (const ids of [[`${good}x`], [elsewhere], [old], [good, good], []]) {
      expect((await link('Query', ids)).status).toBe(400);
    }
    expect((await link('Everything', [good])).status).toBe(400);
    expect((await link('CustomLogs', [good])).status).toBe(400);
    expect((await link('Query', [good])).status).toBe(200);
  });

  test('the workspace needs an identity that may write tables there', async () => {
    const account = await makeAccount('stqueries');
    const refused = await link('Query', [account]);
    expect(JSON.stringify(refused.body)).toContain('Storage Table Data Contributor');
    await letWorkspaceIn(account);
    expect((await link('Query', [account])).status).toBe(200);
  });

  test('the caller needs a right on the account too', async () => {
    const account = await makeAccount('stqueries');
    await azure.look((tx) => {
      const [reader] = tx
        .list<{ name: string; objectId: string }>('principals')
        .filter(({ name }) => name === 'reader');
      const role = { role: 'Log Analytics Contributor', name: randomUUID() };
      const scope = idOf(azure, WORKSPACE);
      giveRole(tx, { scope, principalId: reader?.objectId ?? '', ...role });
    });
    const reply = await link('Query', [account], 'reader');
    expect(refusal(reply)).toEqual([403, 'LinkedAuthorizationFailed', undefined]);
  });

  test('saved searches leave the workspace, new ones go to the account, an unlink brings all back', async () => {
    const account = await makeAccount('stqueries');
    await letWorkspaceIn(account);
    await save('before');
    await link('Query', [account]);
    expect(await saved()).toEqual([]);
    await save('after');
    expect(await saved()).toEqual(['after']);
    await azure.ask('DELETE', `${WORKSPACE}/linkedStorageAccounts/Query`);
    expect(await saved()).toEqual(['before', 'after']);
  });

  test('a saved search is overwritten only by who knows its etag, and needs its members', async () => {
    const first = await save('mine');
    const { etag } = first.body as { etag: string };
    const statuses = [
      (await save('mine')).status,
      (await save('mine', { etag })).status,
      (await save('mine', { etag: '*' })).status,
      (await save('other', { properties: { category: 'Audit' } })).status,
    ];
    expect(statuses).toEqual([409, 200, 200, 400]);
    const at = `${WORKSPACE}/savedSearches/mine`;
    expect((await azure.ask('DELETE', at)).status).toBe(200);
    expect((await azure.ask('GET', at)).status).toBe(404);
  });
});

describe('in 2021', () => {
  beforeEach(async () => {
    azure = await openSimulatedAzure({ rules: '2021' });
  });

  test('no identity was asked for, custom logs could be linked', async () => {
    const account = await makeAccount('stqueries');
    expect((await link('Query', [account])).status).toBe(200);
    expect((await link('CustomLogs', [account])).status).toBe(200);
  });

  test('saved searches are lost with the link', async () => {
    const account = await makeAccount('stqueries');
    await save('before');
    await link('Query', [account]);
    await azure.ask('DELETE', `${WORKSPACE}/linkedStorageAccounts/Query`);
    expect(await saved()).toEqual([]);
  });
});

test('a storage account has a name that is free and right', async () => {
  azure = await openSimulatedAzure();
  const put = async (place: string): Promise<number> =>
    (
      await azure.ask('PUT', place, {
        apiVersion: '2023-05-01',
        body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
      })
    ).status;
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  await azure.ask('PUT', `${subscription}/resourceGroups/rg-other`, {
    apiVersion: '2021-04-01',
    body: { location: 'westeurope' },
  });
  const twin = `${subscription}/resourceGroups/rg-other/providers/${accountAt('stone')}`;
  const statuses = [
    await put(accountAt('stone')),
    await put(accountAt('Not-Good')),
    await put(twin),
    await put(accountAt('stone')),
  ];
  expect(statuses).toEqual([200, 400, 409, 200]);
  const list = await azure.ask(
    'GET',
    `${subscription}/providers/Microsoft.Storage/storageAccounts`,
  );
  expect(list.body).toMatchObject({ value: [{ name: 'stone', kind: 'StorageV2' }] });
  const remove = async (): Promise<number> =>
    (await azure.ask('DELETE', accountAt('stone'), { apiVersion: '2023-05-01' })).status;
  expect([await remove(), await remove()]).toEqual([200, 204]);
});
