import { afterEach, describe, expect, test } from 'vitest';
import { storageState } from '../cluster-storage.ts';
import { listFaults } from '../faults.ts';
import { refusal } from '../key-vault/spec-vault.ts';
import { listClusters } from '../providers/operational-insights/documents.ts';
import {
  clusterAt,
  idOf,
  keyBody,
  linkAt,
} from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { SimulatedAzure } from '../simulated-azure.ts';
import { estates } from './estates.ts';
import { applySeed } from './seed.ts';

const MINUTE = 60;
let azure: SimulatedAzure;

afterEach(async () => {
  await azure.close();
});

async function open(seed: string): Promise<void> {
  azure = await openSimulatedAzure({ seed });
}

async function accessOf(): Promise<Record<string, string | undefined>> {
  return await azure.look((tx) =>
    Object.fromEntries(
      listClusters(tx).map(({ id, name }) => [name, storageState(tx, id)?.access]),
    ),
  );
}

async function keyturnReads(vault: string, path: string): Promise<number> {
  const url = `https://${vault}.vault.azure.net/keys/${path}`;
  return (await azure.ask('GET', url, { apiVersion: '7.5', as: 'keyturn' })).status;
}

describe('brownfield', () => {
  test('has six clusters, each standing as it should', async () => {
    await open('brownfield');
    expect(await accessOf()).toEqual({
      'CLU-Payments': 'accessible',
      'clu-trading': 'accessible',
      'clu-audit': 'accessible',
      'clu-unbound': 'mmk',
      'clu-research': 'revoked',
      'clu-abroad': 'accessible',
    });
  });

  test('shows the first as a careless hand has made it', async () => {
    await open('brownfield');
    const { body } = await azure.ask('GET', clusterAt('clu-payments'), { as: 'keyturn' });
    expect(body).toMatchObject({
      id: expect.stringMatching(
        /\/resourcegroups\/rg-logs\/providers\/microsoft\.oper.*CLU-Payments$/u,
      ),
      properties: { keyVaultProperties: { keyName: 'key-payments', keyVersion: '' } },
    });
    const { associatedWorkspaces } = (body as { properties: { associatedWorkspaces: unknown[] } })
      .properties;
    expect(associatedWorkspaces).toHaveLength(20);
  });

  test('binds the second to the first version of two', async () => {
    await open('brownfield');
    const { body } = await azure.ask('GET', clusterAt('clu-trading'));
    const { keyVersion } = (body as Bound).properties.keyVaultProperties;
    const versions = await azure.ask(
      'GET',
      'https://kv-trading.vault.azure.net/keys/key-trading/versions',
      { apiVersion: '7.5', as: 'keyturn' },
    );
    const kids = (versions.body as { value: { kid: string }[] }).value.map(({ kid }) => kid);
    expect(kids).toHaveLength(2);
    expect(kids.some((kid) => kid.endsWith(keyVersion))).toBe(true);
    const latest = await azure.ask('GET', 'https://kv-trading.vault.azure.net/keys/key-trading', {
      apiVersion: '7.5',
    });
    expect(JSON.stringify(latest.body)).not.toContain(keyVersion);
  });

  test('has a vault without purge protection, and a user-assigned identity that opens it', async () => {
    await open('brownfield');
    const vault = await azure.ask('GET', 'Microsoft.KeyVault/vaults/kv-audit', {
      apiVersion: '2023-07-01',
    });
    expect(vault.body).not.toHaveProperty('properties.enablePurgeProtection');
    const { body } = await azure.ask('GET', clusterAt('clu-audit'));
    expect(body).toMatchObject({ identity: { type: 'UserAssigned' } });
  });

  test('lets Keyturn read the keys of every vault', async () => {
    await open('brownfield');
    for (const name of ['payments', 'trading', 'audit', 'research', 'abroad']) {
      expect(await keyturnReads(`kv-${name}`, `key-${name}`)).toBe(200);
    }
  });
});

test('revoked: every linked workspace is out of reach, and enabling the version brings it back', async () => {
  await open('revoked');
  expect(await accessOf()).toEqual({ 'clu-logs': 'revoked' });
  const { body } = await azure.ask('GET', clusterAt('clu-logs'));
  const { keyVersion } = (body as Bound).properties.keyVaultProperties;
  await azure.ask('PATCH', `https://kv-logs.vault.azure.net/keys/key-logs/${keyVersion}`, {
    apiVersion: '7.5',
    body: { attributes: { enabled: true } },
  });
  await azure.advance(10 * MINUTE);
  expect(await accessOf()).toEqual({ 'clu-logs': 'accessible' });
});

test('soft-deleted-key: the name is held and the key can be recovered', async () => {
  await open('soft-deleted-key');
  expect(await accessOf()).toEqual({ 'clu-logs': 'revoked' });
  const made = await azure.ask('POST', 'https://kv-logs.vault.azure.net/keys/key-logs/create', {
    apiVersion: '7.5',
    body: { kty: 'RSA' },
  });
  expect(refusal(made)[0]).toBe(409);
  await azure.advance(5);
  const url = 'https://kv-logs.vault.azure.net/deletedkeys/key-logs/recover';
  expect((await azure.ask('POST', url, { apiVersion: '7.5', as: 'keyturn' })).status).toBe(200);
  await azure.advance(10 * MINUTE + 5);
  expect(await accessOf()).toEqual({ 'clu-logs': 'accessible' });
});

test('rotation-due: the bound version expires in twenty days', async () => {
  await open('rotation-due');
  const { body } = await azure.ask('GET', 'https://kv-logs.vault.azure.net/keys/key-logs', {
    apiVersion: '7.5',
  });
  const { exp, created } = (body as { attributes: { exp: number; created: number } }).attributes;
  expect(exp - created).toBe(420 * 86_400);
});

test('no-purge-protection and cross-region: a bind is refused for that reason', async () => {
  for (const [seed, vault, text] of [
    ['no-purge-protection', 'kv-logs', 'Key is not recoverable'],
    ['cross-region', 'kv-overseas', 'Failed to validate key'],
  ] as const) {
    await open(seed);
    const identity = await azure.look((tx) => listClusters(tx)[0]?.identity);
    await azure.ask('PUT', await policiesOf(vault), {
      apiVersion: '2023-07-01',
      body: {
        properties: {
          accessPolicies: [
            {
              tenantId: identity?.tenantId,
              objectId: identity?.principalId,
              permissions: { keys: ['get', 'wrapKey', 'unwrapKey'] },
            },
          ],
        },
      },
    });
    await azure.advance(MINUTE);
    const asked = JSON.parse(JSON.stringify(keyBody(vault, '')).replace('"kek"', '"key-logs"')) as {
      body: object;
    };
    const reply = await azure.ask('PATCH', clusterAt('clu-logs'), asked);
    expect(JSON.stringify(reply.body)).toContain(text);
    if (seed === 'no-purge-protection') await azure.close();
  }
});

async function policiesOf(vault: string): Promise<string> {
  const id = await azure.look((tx) => tx.get<{ id: string }>('vaults', vault)?.id ?? '');
  return `${id}/accessPolicies/add`;
}

test('link-budget-spent: a third link is refused, and the activity log tells of the two', async () => {
  await open('link-budget-spent');
  const writeAccessResourceId = idOf(azure, clusterAt('clu-logs'));
  const link = async (workspace: string): Promise<number> => {
    const body = { properties: { writeAccessResourceId } };
    return (await azure.ask('PUT', linkAt(workspace), { body })).status;
  };
  expect([await link('ws-payments'), await link('ws-audit')]).toEqual([400, 202]);
  const since = encodeURIComponent(
    `eventTimestamp ge '2000-01-01T00:00:00Z' and resourceProvider eq 'Microsoft.OperationalInsights'`,
  );
  const log = await azure.ask(
    'GET',
    `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values?$filter=${since}`,
    { apiVersion: '2015-04-01' },
  );
  const accepted = (log.body as { value: Event[] }).value.filter(
    ({ status, operationName }) =>
      status.value === 'Accepted' && operationName.value.endsWith('linkedServices/write'),
  );
  expect(accepted).toHaveLength(2);
});

test('two-clusters-on-one-key: both unwrap with the same version', async () => {
  await open('two-clusters-on-one-key');
  const kids = await azure.look((tx) =>
    listClusters(tx).map(({ id }) => storageState(tx, id)?.accounts[0]?.wrappedBy),
  );
  expect(new Set(kids).size).toBe(1);
  expect(await accessOf()).toEqual({ 'clu-logs': 'accessible', 'clu-audit': 'accessible' });
});

test('a seed may bring fault rules', async () => {
  await open('empty');
  const { revoked } = estates;
  if (!revoked) throw new Error('reading seeds: there is no revoked one');
  const faults = [{ method: 'PUT', action: { kind: 'stuck' as const } }];
  await azure.look((tx) => applySeed(tx, { ...revoked, faults }));
  expect(listFaults(azure.world.store)).toMatchObject(faults);
});

test('a seed added twice changes nothing the second time', async () => {
  await open('brownfield');
  const count = async (): Promise<number[]> =>
    await azure.look((tx) =>
      ['clusters', 'vaults', 'keyVersions', 'roleAssignments', 'identities', 'principals'].map(
        (name) => tx.list(name).length,
      ),
    );
  const before = await count();
  await azure.look((tx) => {
    const { brownfield } = estates;
    if (brownfield) applySeed(tx, brownfield);
  });
  expect(await count()).toEqual(before);
});

interface Bound {
  properties: { keyVaultProperties: { keyVersion: string } };
}

interface Event {
  status: { value: string };
  operationName: { value: string };
}
