/**
 * A life of every resource, in every api-version that clients use, held against Microsoft's published OpenAPI.
 * Where no copy of it is, the story is told all the same, and nothing is held against anything.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDial, type Dial } from '#libs/dial/dial.ts';
import { tokenFor } from '../support/entra.ts';
import { holdAgainstSchemas } from '../support/published-schemas.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';

const clusterVersions = ['2020-08-01', '2020-10-01', '2021-06-01', '2022-10-01', '2025-07-01'];
const workspaceVersions = [
  ...clusterVersions.slice(0, 3),
  '2021-12-01-preview',
  '2022-10-01',
  '2023-09-01',
  '2025-07-01',
];
const linkVersions = ['2020-08-01', '2025-07-01'];
const vaultVersions = ['2022-07-01', '2023-07-01'];
const keyVersions = ['7.3', '7.4', '7.5'];

let simulator: RunningSimulator;
let dial: Dial;
const tokens = { arm: '', vault: '' };

beforeAll(async () => {
  simulator = await startSimulator({ clock: 'manual' });
  dial = createDial(simulator.file);
  tokens.arm = await tokenFor(simulator.file, 'owner', 'https://management.azure.com/.default');
  tokens.vault = await tokenFor(simulator.file, 'owner', 'https://vault.azure.net/.default');
});

afterAll(async () => {
  dial.agent.destroy();
  await simulator.stop();
});

interface Asked {
  version: string;
  body?: object;
}

type Answered = Record<string, unknown> & { value?: { name: string }[] };

/** Asks below a host or the subscription; throws unless the answer is a good one. */
async function ask(method: string, place: string, { version, body }: Asked): Promise<Answered> {
  const subscription = `https://management.azure.com/subscriptions/${simulator.file.subscriptionId}`;
  const url = new URL(place.startsWith('https:') ? place : `${subscription}/${place}`);
  url.searchParams.set('api-version', version);
  const token = url.hostname === 'management.azure.com' ? tokens.arm : tokens.vault;
  const answer = await dial.fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${text}`);
  const operation = answer.headers.get('azure-asyncoperation');
  if (operation !== null) await follow(operation);
  return text === '' ? {} : (JSON.parse(text) as Answered);
}

/** Looks at an operation while it runs and when it has ended. */
async function follow(operation: string): Promise<void> {
  const headers = { authorization: `Bearer ${tokens.arm}` };
  await (await dial.fetch(operation, { headers })).text();
  await simulator.advance(3600);
  await (await dial.fetch(operation, { headers })).text();
}

const insights = 'resourceGroups/rg-logs/providers/Microsoft.OperationalInsights';
const vaults = 'resourceGroups/rg-logs/providers/Microsoft.KeyVault/vaults';
const location = 'westeurope';

async function clusterLife(version: string): Promise<void> {
  const place = `${insights}/clusters/clu-${version}`;
  const sku = { name: 'CapacityReservation', capacity: 500 };
  await ask('PUT', place, {
    version,
    body: { location, sku, identity: { type: 'SystemAssigned' } },
  });
  const made = await ask('GET', place, { version });
  const { principalId, tenantId } = made['identity'] as Record<string, string>;
  const name = `kv-${version}`;
  const permissions = { keys: ['get', 'wrapKey', 'unwrapKey'] };
  await vault(name, '2023-07-01', [{ tenantId, objectId: principalId, permissions }]);
  const key = { kty: 'RSA', key_size: 2048 };
  await ask('POST', `https://${name}.vault.azure.net/keys/kek/create`, {
    version: '7.5',
    body: key,
  });
  const keyVaultUri = `https://${name}.vault.azure.net/`;
  const keyVaultProperties = { keyVaultUri, keyName: 'kek', keyVersion: '' };
  await ask('PATCH', place, { version, body: { properties: { keyVaultProperties } } });
  await ask('PATCH', place, { version, body: { sku: { ...sku, capacity: 1000 } } });
  await ask('PATCH', place, { version, body: { tags: { team: 'platform' } } });
  for (const each of [
    place,
    `${insights}/clusters`,
    `providers/Microsoft.OperationalInsights/clusters`,
  ])
    await ask('GET', each, { version });
  await ask('DELETE', place, { version });
}

async function vault(name: string, version: string, accessPolicies: object[]): Promise<void> {
  const { tenantId, principals } = simulator.file;
  const objectId = principals.find((each) => each.name === 'owner')?.objectId;
  const own = { tenantId, objectId, permissions: { keys: ['all', 'rotate', 'purge'] } };
  const properties = {
    tenantId,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: false,
    enablePurgeProtection: name.startsWith('kv-2') ? true : undefined,
    accessPolicies: [own, ...accessPolicies],
  };
  await ask('PUT', `${vaults}/${name}`, { version, body: { location, properties } });
  await simulator.advance(60);
}

async function workspaceLife(version: string): Promise<void> {
  const place = `${insights}/workspaces/ws-${version}`;
  await ask('PUT', place, {
    version,
    body: { location, properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 } },
  });
  await simulator.advance(60);
  await ask('PATCH', place, { version, body: { tags: { team: 'platform' } } });
  const everywhere = 'providers/Microsoft.OperationalInsights';
  for (const each of [place, `${insights}/workspaces`, `${everywhere}/workspaces`])
    await ask('GET', each, { version });
  await ask('DELETE', place, { version });
  for (const each of [insights, everywhere])
    await ask('GET', `${each}/deletedWorkspaces`, { version });
  await ask('PUT', place, { version, body: { location } });
}

async function linkLife(version: string): Promise<void> {
  const cluster = `${insights}/clusters/clu-linked-${version}`;
  const sku = { name: 'CapacityReservation', capacity: 500 };
  const identity = { type: 'SystemAssigned' };
  await ask('PUT', cluster, { version: '2025-07-01', body: { location, sku, identity } });
  const { id } = await ask('GET', cluster, { version: '2025-07-01' });
  const workspace = `${insights}/workspaces/ws-audit`;
  const link = `${workspace}/linkedServices/cluster`;
  await ask('PUT', link, { version, body: { properties: { writeAccessResourceId: id } } });
  await ask('GET', link, { version });
  await ask('GET', `${workspace}/linkedServices`, { version });
  await ask('GET', workspace, { version });
  await ask('DELETE', link, { version });
  await ask('DELETE', cluster, { version: '2025-07-01' });
}

async function storageLife(version: string): Promise<void> {
  const workspace = `${insights}/workspaces/ws-payments`;
  const account = 'resourceGroups/rg-logs/providers/Microsoft.Storage/storageAccounts/stlife';
  const shell = { location, kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  const { id } = await ask('PUT', account, { version: '2023-05-01', body: shell });
  const made = await ask('PATCH', workspace, {
    version: '2023-09-01',
    body: { identity: { type: 'SystemAssigned' } },
  });
  const { principalId } = made['identity'] as Record<string, string>;
  const role = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3';
  const definition = `providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const roleDefinitionId = `/subscriptions/${simulator.file.subscriptionId}/${definition}`;
  const assignment = `${account}/providers/Microsoft.Authorization/roleAssignments/${role}`;
  const properties = { principalId, roleDefinitionId, principalType: 'ServicePrincipal' };
  await ask('PUT', assignment, { version: '2022-04-01', body: { properties } });
  await ask('GET', assignment, { version: '2022-04-01' });
  await ask('GET', definition, { version: '2022-04-01' });
  await ask('GET', 'providers/Microsoft.Authorization/roleDefinitions', { version: '2022-04-01' });
  await ask('GET', 'providers/Microsoft.Authorization/roleAssignments', { version: '2022-04-01' });
  await simulator.advance(600);
  for (const kind of ['Query', 'Alerts']) {
    const link = `${workspace}/linkedStorageAccounts/${kind}`;
    await ask('PUT', link, { version, body: { properties: { storageAccountIds: [id] } } });
    await ask('GET', link, { version });
    await ask('GET', `${workspace}/linkedStorageAccounts`, { version });
    await ask('DELETE', link, { version });
  }
  const search = { category: 'audit', displayName: 'Who', query: 'Heartbeat | take 1' };
  const saved = `${workspace}/savedSearches/who`;
  await ask('PUT', saved, { version: '2020-08-01', body: { properties: search } });
  await ask('GET', saved, { version: '2020-08-01' });
  await ask('GET', `${workspace}/savedSearches`, { version: '2020-08-01' });
  await ask('DELETE', saved, { version: '2020-08-01' });
  await ask('DELETE', assignment, { version: '2022-04-01' });
}

async function vaultLife(version: string): Promise<void> {
  const name = `kw-${version}`;
  const place = `${vaults}/${name}`;
  const everywhere = 'providers/Microsoft.KeyVault';
  const kind = 'Microsoft.KeyVault/vaults';
  await ask('POST', `${everywhere}/checkNameAvailability`, { version, body: { name, type: kind } });
  await vault(name, version, []);
  await ask('PATCH', place, { version, body: { tags: { team: 'platform' } } });
  for (const each of [place, vaults, `${everywhere}/vaults`]) await ask('GET', each, { version });
  const { tenantId } = simulator.file;
  const objectId = '33333333-3333-3333-3333-333333333333';
  const accessPolicies = [{ tenantId, objectId, permissions: { keys: ['get'] } }];
  for (const word of ['add', 'replace', 'remove']) {
    const body = { properties: { accessPolicies } };
    await ask('PUT', `${place}/accessPolicies/${word}`, { version, body });
  }
  await ask('DELETE', place, { version });
  const deleted = `${everywhere}/locations/${location}/deletedVaults/${name}`;
  await ask('GET', deleted, { version });
  await ask('GET', `${everywhere}/deletedVaults`, { version });
  await ask('POST', `${deleted}/purge`, { version });
}

async function keyLife(version: string): Promise<void> {
  const name = `kx-${version.replace('.', '-')}`;
  await vault(name, '2023-07-01', []);
  const keys = `https://${name}.vault.azure.net/keys`;
  const made = await ask('POST', `${keys}/kek/create`, {
    version,
    body: { kty: 'RSA', key_size: 2048, tags: { by: 'story' } },
  });
  const kid = (made['key'] as { kid: string }).kid;
  await ask('PUT', `${keys}/kek/rotationpolicy`, {
    version,
    body: {
      lifetimeActions: [{ trigger: { timeAfterCreate: 'P90D' }, action: { type: 'Rotate' } }],
      attributes: { expiryTime: 'P2Y' },
    },
  });
  await ask('GET', `${keys}/kek/rotationpolicy`, { version });
  await ask('POST', `${keys}/kek/rotate`, { version });
  for (const each of [keys, `${keys}/kek`, `${keys}/kek/versions`, kid])
    await ask('GET', each, { version });
  const secret = Buffer.alloc(32, 7).toString('base64url');
  const wrapped = await ask('POST', `${kid}/wrapkey`, {
    version,
    body: { alg: 'RSA-OAEP-256', value: secret },
  });
  const { value } = wrapped as { value?: unknown };
  await ask('POST', `${kid}/unwrapkey`, { version, body: { alg: 'RSA-OAEP-256', value } });
  await ask('PATCH', kid, { version, body: { attributes: { enabled: false } } });
  await ask('DELETE', `${keys}/kek`, { version });
  await simulator.advance(30);
  const deleted = `https://${name}.vault.azure.net/deletedkeys`;
  for (const each of [deleted, `${deleted}/kek`]) await ask('GET', each, { version });
  await ask('POST', `${deleted}/kek/recover`, { version });
  await simulator.advance(30);
  await ask('DELETE', `${keys}/kek`, { version });
  await simulator.advance(30);
  await ask('DELETE', `${deleted}/kek`, { version });
}

test(
  'every request and answer of a life is what the published schema says',
  { timeout: 120_000 },
  async () => {
    for (const version of workspaceVersions) await workspaceLife(version);
    for (const version of clusterVersions) await clusterLife(version);
    for (const version of linkVersions) await linkLife(version);
    for (const version of linkVersions) await storageLife(version);
    for (const version of vaultVersions) await vaultLife(version);
    for (const version of keyVersions) await keyLife(version);

    const record = path.join(simulator.data, 'exchanges.jsonl');
    const specs = inject('specs');
    if (specs === '') {
      expect(await readFile(record, 'utf8')).not.toContain('"unimplemented"');
      return;
    }
    const { misfits, checked } = await holdAgainstSchemas(record, specs);
    expect(misfits).toEqual([]);
    expect([...checked.keys()].length).toBeGreaterThan(50);
  },
);
