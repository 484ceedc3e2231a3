/** libs/azure against the simulator: the deeds of a cluster's life, and the traps that the simulator can set. */
import { OperationalInsightsManagementClient } from '@azure/arm-operationalinsights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azure, createAzure, type OperationStatus, type Started } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, type Dial } from '#libs/dial/dial.ts';
import { formatClusterId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';
import { callNamed } from '../support/stubbed-azure.ts';

const call = callNamed('conformance/1/1');
let simulator: RunningSimulator;
let dial: Dial;
let azure: Azure;
let raw: OperationalInsightsManagementClient;
let subscriptionId: string;
let resourceGroup: string;
let region: string;
let tenantId: string;

beforeAll(async () => {
  simulator = await startSimulator({ clock: 'manual', retryAfter: true });
  const { file } = simulator;
  ({ subscriptionId, resourceGroup, location: region, tenantId } = file);
  const keyturn = file.principals.find(({ name }) => name === 'keyturn');
  if (keyturn === undefined) throw new Error('reading principals: keyturn is not among them');
  dial = createDial(file);
  const { clientId, clientSecret } = keyturn;
  const config = { kind: 'client-secret' as const, tenantId, clientId, clientSecret };
  const credential = createCredential(config, dial);
  azure = createAzure({ credential, dial });
  const options = { agent: dial.agent, retryOptions: { maxRetries: 0 } };
  raw = new OperationalInsightsManagementClient(credential, subscriptionId, options);
});
afterAll(async () => {
  dial.agent.destroy();
  await simulator.stop();
});

const named = (name: string) => ({ subscriptionId, resourceGroup, name });
const vaultUri = (name: string) => `https://${name}.vault.azure.net`;
const newCluster = () => ({ region, capacityGbPerDay: 500, billingType: 'Cluster', tags: {} });

/** Lets Azure's work go on until an operation has ended. */
async function follow({ operationUrl }: Started): Promise<OperationStatus> {
  if (operationUrl === undefined) throw new Error('following an operation: it has no URL');
  for (;;) {
    const status = await azure.longOperation(operationUrl, call);
    if (status.state !== 'running') return status;
    await simulator.advance((status.retryAfterMs ?? 60_000) / 1000);
  }
}

async function createCluster(name: string) {
  await follow(await azure.clusters.create(named(name), newCluster(), call));
  const { value } = await azure.clusters.read(named(name), call);
  if (value?.principalId === undefined) throw new Error(`creating ${name}: it has no identity`);
  return { ...value, principalId: value.principalId };
}

async function createVault(name: string) {
  const { value: vault } = await azure.vaults.create(
    named(name),
    { region, tenantId, tags: {} },
    call,
  );
  const keyPermissions = ['get', 'list', 'create', 'update'];
  const access = { objectId: await azure.self(), tenantId, keyPermissions };
  await azure.vaults.addAccess(named(name), access, call);
  await simulator.advance(120);
  return vault;
}

async function grant(vault: string, objectId: string) {
  const access = { objectId, tenantId, keyPermissions: ['get', 'wrapKey', 'unwrapKey'] };
  await azure.vaults.addAccess(named(vault), access, call);
  await simulator.advance(120);
}

test('we know ourselves by our token', async () => {
  const keyturn = simulator.file.principals.find(({ name }) => name === 'keyturn');
  expect(await azure.self()).toBe(keyturn?.objectId);
  expect(await azure.tenantId()).toBe(tenantId);
});

test('what is not there is a value', async () => {
  const seen = await Promise.all([
    azure.clusters.read(named('nothing-here'), call),
    azure.workspaces.read(named('nothing-here'), call),
    azure.workspaces.readLink(named('ws-payments'), call),
    azure.vaults.read(named('nothing-here'), call),
    azure.vaults.readDeleted({ name: 'nothing-here', subscriptionId, region }, call),
  ]);
  expect(seen.map(({ value }) => value)).toEqual(Array.from({ length: 5 }));
  expect(seen.every(({ requestId }) => requestId !== '')).toBe(true);
});

describe('a vault', () => {
  test('is created so that its keys cannot be lost', async () => {
    const { value } = await azure.vaults.create(
      named('kv-safe'),
      { region, tenantId, tags: { team: 'platform' } },
      call,
    );
    expect(value).toMatchObject({
      softDelete: true,
      purgeProtection: true,
      rbac: false,
      tenantId,
      vaultUri: vaultUri('kv-safe'),
      accessPolicies: [],
    });
    await simulator.advance(60);
    const { value: later } = await azure.vaults.read(named('kv-safe'), call);
    expect(later).toMatchObject({ provisioningState: 'Succeeded', purgeProtection: true });
  });

  test('keeps what others may do when access is added and taken away', async () => {
    await createVault('kv-shared');
    const objectId = '33333333-3333-3333-3333-333333333333';
    const keyPermissions = ['get', 'wrapKey', 'unwrapKey'];
    await azure.vaults.addAccess(named('kv-shared'), { objectId, tenantId, keyPermissions }, call);
    const own = {
      objectId: await azure.self(),
      keyPermissions: ['get', 'list', 'create', 'update'],
      otherPermissions: [],
    };
    const { value: with_ } = await azure.vaults.read(named('kv-shared'), call);
    expect(with_?.accessPolicies).toEqual([
      own,
      { objectId, keyPermissions, otherPermissions: [] },
    ]);
    await azure.vaults.removeAccess(named('kv-shared'), { objectId, tenantId }, call);
    const { value: without } = await azure.vaults.read(named('kv-shared'), call);
    expect(without?.accessPolicies).toEqual([own]);
  });
});

describe('a key', () => {
  test('that is not there has no versions', async () => {
    await createVault('kv-empty');
    const { value } = await azure.keys.versions(vaultUri('kv-empty'), 'cmk', call);
    expect(value).toEqual([]);
    const read = await azure.keys.read(vaultUri('kv-empty'), 'cmk', undefined, call);
    expect(read.value).toBeUndefined();
  });

  test('is created, and each version is found again by its tag', async () => {
    await createVault('kv-keys');
    const uri = vaultUri('kv-keys');
    const create = (tag: string) =>
      azure.keys.create(uri, 'cmk', { sizeBits: 3072, tags: { tag } }, call);
    const { value: first } = await create('first');
    await simulator.advance(10);
    const { value: second } = await create('second');
    expect(first).toMatchObject({ type: 'RSA', sizeBits: 3072, enabled: true, recoverable: true });
    const { value: versions } = await azure.keys.versions(uri, 'cmk', call);
    const byTag = Object.fromEntries(versions.map(({ tags, version }) => [tags['tag'], version]));
    expect(byTag).toEqual({ first: first.version, second: second.version });
    const { value: latest } = await azure.keys.read(uri, 'cmk', undefined, call);
    expect(latest).toEqual(second);
    const { value: old } = await azure.keys.read(uri, 'cmk', first.version, call);
    expect(old).toEqual(first);
  });

  test('shows its versions oldest first, whatever the order of the list and their second', async () => {
    await createVault('kv-ordered');
    const uri = vaultUri('kv-ordered');
    const made: string[] = [];
    for (const tag of ['1', '2', '3', '4', '5', '6']) {
      const key = { sizeBits: 2048, tags: { tag } };
      made.push((await azure.keys.create(uri, 'cmk', key, call)).value.version);
      // The last two are made within one second.
      if (tag !== '5') await simulator.advance(2);
    }
    const { value } = await azure.keys.versions(uri, 'cmk', call);
    expect(value.map(({ version }) => version)).toEqual(made);
  });

  test('of a vault that lets us not in says who is missing what', async () => {
    await azure.vaults.create(named('kv-closed'), { region, tenantId, tags: {} }, call);
    await simulator.advance(60);
    const refused = azure.keys.versions(vaultUri('kv-closed'), 'cmk', call);
    await expect(refused).rejects.toMatchObject({
      kind: 'answer',
      status: 403,
      code: 'Forbidden',
      azureMessage: expect.stringContaining('does not have keys list permission'),
    });
  });
});

describe('a cluster', () => {
  test('is created with an identity and without a key, over minutes', async () => {
    const started = await azure.clusters.create(named('cluster-new'), newCluster(), call);
    expect(started.operationUrl?.length).toBeGreaterThan(3000);
    const { value: early } = await azure.clusters.read(named('cluster-new'), call);
    expect(['Creating', 'ProvisioningAccount']).toContain(early?.provisioningState);
    expect(await follow(started)).toMatchObject({ state: 'succeeded', status: 'Succeeded' });
    const { value } = await azure.clusters.read(named('cluster-new'), call);
    expect(value).toMatchObject({
      id: formatClusterId(named('cluster-new')),
      region,
      provisioningState: 'Succeeded',
      identityType: 'SystemAssigned',
      principalId: expect.stringMatching(/^[0-9a-f-]{36}$/u),
      tenantId,
      capacityGbPerDay: 500,
      billingType: 'Cluster',
      doubleEncryption: true,
      workspaces: [],
    });
    expect(value).not.toHaveProperty('key');
    const { value: all } = await azure.clusters.list(subscriptionId, call);
    expect(all).toContainEqual(value);
  });

  test('is bound to a key, linked and unlinked', async () => {
    const { principalId, id } = await createCluster('cluster-bound');
    await createVault('kv-bound');
    const { value: key } = await azure.keys.create(
      vaultUri('kv-bound'),
      'cmk',
      { sizeBits: 2048, tags: {} },
      call,
    );
    await grant('kv-bound', principalId);
    const binding = { vaultUri: vaultUri('kv-bound'), keyName: 'cmk', keyVersion: key.version };
    const bound = await azure.clusters.bindKey(named('cluster-bound'), binding, call);
    expect(await follow(bound)).toMatchObject({ state: 'succeeded' });
    const { value } = await azure.clusters.read(named('cluster-bound'), call);
    expect(value?.key).toMatchObject({ name: 'cmk', version: key.version });

    const workspace = named('ws-payments');
    const linked = await azure.workspaces.link(workspace, id, call);
    expect(await follow(linked)).toMatchObject({ state: 'succeeded' });
    const { value: link } = await azure.workspaces.readLink(workspace, call);
    expect(link?.clusterId.toLowerCase()).toBe(id.toLowerCase());
    const { value: seen } = await azure.workspaces.read(workspace, call);
    expect(seen?.clusterResourceId?.toLowerCase()).toBe(id.toLowerCase());
    const { value: writes } = await azure.activityLog.writes(subscriptionId, new Date(0), call);
    const links = writes.filter(({ what }) => what === 'workspace-linked');
    expect(links.map(({ resourceId }) => resourceId.toLowerCase())).toEqual([
      formatWorkspaceId(workspace).toLowerCase(),
    ]);

    await follow(await azure.workspaces.unlink(workspace, call));
    const { value: unlinked } = await azure.workspaces.readLink(workspace, call);
    expect(unlinked).toBeUndefined();
  });

  test('that was deleted is in the activity log, with who did it', async () => {
    await createCluster('cluster-gone');
    const deleted = await raw.clusters.beginDelete(resourceGroup, 'cluster-gone');
    await simulator.advance(60);
    await deleted.pollUntilDone();
    // The log shows an event minutes after it happened.
    await simulator.advance(180);
    const { value } = await azure.activityLog.writes(subscriptionId, new Date(0), call);
    expect(value.filter(({ what }) => what === 'cluster-deleted')).toEqual([
      {
        what: 'cluster-deleted',
        resourceId: expect.stringMatching(/\/clusters\/cluster-gone$/iu),
        at: expect.stringMatching(/Z$/u),
        caller: await azure.self(),
      },
    ]);
  });
});

describe('the traps that the simulator sets too', () => {
  test('of one failed operation the SDK tells no code, and ours does', async () => {
    const { principalId } = await createCluster('cluster-failing');
    await createVault('kv-failing');
    const uri = vaultUri('kv-failing');
    await azure.keys.create(uri, 'cmk', { sizeBits: 2048, tags: {} }, call);
    await grant('kv-failing', principalId);
    let operationUrl = '';
    const poller = await raw.clusters.beginUpdate(
      resourceGroup,
      'cluster-failing',
      { keyVaultProperties: { keyVaultUri: uri, keyName: 'cmk', keyVersion: '' } },
      {
        onResponse: ({ rawHeaders }) => (operationUrl = rawHeaders?.['azure-asyncoperation'] ?? ''),
      },
    );
    // Accepted with the grant in force, which is gone when Azure comes to use it.
    const grantee = { objectId: principalId, tenantId };
    await azure.vaults.removeAccess(named('kv-failing'), grantee, call);
    await simulator.advance(3600);

    const error = await poller.pollUntilDone().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toHaveProperty('code');
    const status = await azure.longOperation(operationUrl, call);
    expect(status).toMatchObject({ state: 'failed', code: 'BadRequest' });
    expect(status.message).toContain('Failed to validate key');
  });

  test('the status operation of the SDK asks an address that Azure did not give', async () => {
    const started = await azure.clusters.create(named('cluster-status'), newCluster(), call);
    const operationId = new URL(started.operationUrl ?? '').pathname.split('/').at(-1) ?? '';
    const bySdk = raw.operationStatuses.get(region, operationId);
    await expect(bySdk).rejects.toMatchObject({ statusCode: 404 });
    expect(await follow(started)).toMatchObject({ state: 'succeeded' });
  });

  test('an answer that Azure gave and the network lost is not asked for again', async () => {
    const rule = { method: 'PUT', path: 'cluster-lost', action: { kind: 'reset', when: 'after' } };
    await simulator.control('/faults', { method: 'POST', body: JSON.stringify(rule) });
    const lost = azure.clusters.create(named('cluster-lost'), newCluster(), call);
    await expect(lost).rejects.toMatchObject({ kind: 'network', sent: true });
    await simulator.control('/faults', { method: 'DELETE' });
    const { value } = await azure.clusters.read(named('cluster-lost'), call);
    expect(value?.provisioningState).not.toBe('Succeeded');
    const log = await (await simulator.control('/exchanges')).text();
    const puts = log.split('\n').filter((line) => /"method":"PUT".*cluster-lost/u.test(line));
    expect(puts).toHaveLength(1);
  });

  test('a refused write keeps what Azure said', async () => {
    const refused = azure.clusters.create(
      named('cluster-odd'),
      { ...newCluster(), capacityGbPerDay: 501 },
      call,
    );
    await expect(refused).rejects.toMatchObject({ kind: 'answer', status: 400, sent: true });
  });
});
