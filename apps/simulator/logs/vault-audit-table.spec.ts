import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusal } from '../key-vault/spec-vault.ts';
import { listWorkspaces } from '../providers/operational-insights/documents.ts';
import type { Cluster } from '../providers/operational-insights/documents.ts';
import {
  clusterAt,
  keyBody,
  provide,
  provideKey,
} from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { openSpecLogs } from './spec-logs.ts';
import type { SpecLogs } from './spec-logs.ts';

const VAULT = 'kv-audited';
const SETTING = `Microsoft.KeyVault/vaults/${VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit`;
const apiVersion = '2021-05-01-preview';
const SUMMARY =
  'summarize Count = count(), Last = max(TimeGenerated) by Id, HttpStatusCode | order by Last asc';

let azure: SimulatedAzure;
let logs: SpecLogs;
let cluster: Cluster;
let version: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  logs = await openSpecLogs(azure);
  cluster = await provide(azure, 'logs');
  const { principalId } = cluster.identity;
  version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
});

afterEach(async () => {
  await azure.close();
});

async function send(rest: object = { logAnalyticsDestinationType: 'Dedicated' }): Promise<Reply> {
  const found = await azure.look((tx) => listWorkspaces(tx));
  const workspaceId = found.find(({ name }) => name === 'ws-audit')?.id;
  const logsSent = [{ category: 'AuditEvent', enabled: true }];
  const body = { properties: { workspaceId, logs: logsSent, ...rest } };
  return await azure.ask('PUT', SETTING, { apiVersion, body });
}

async function bind(keyVersion: string): Promise<void> {
  await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, keyVersion));
  await azure.advance(120);
}

async function newVersion(): Promise<string> {
  const url = `https://${VAULT}.vault.azure.net/keys/kek/create`;
  const { body } = await azure.ask('POST', url, { apiVersion: '7.5', body: { kty: 'RSA' } });
  return (body as { key: { kid: string } }).key.kid.split('/').at(-1) ?? '';
}

const kidOf = (of: string): string => `https://${VAULT}.vault.azure.net/keys/kek/${of}`;

async function rows(rest: string): Promise<unknown[][]> {
  const mine = `where OperationName == 'KeyUnwrap' and Identity has '${cluster.identity.principalId}'`;
  const { body } = await logs.query('ws-audit', `AZKVAuditLogs | ${mine} | ${rest}`);
  return (body as { tables: { rows: unknown[][] }[] }).tables[0]?.rows ?? [];
}

test('a cluster unwraps at its intervals, with the version it is bound to', async () => {
  await send();
  await bind(version);
  const newer = await newVersion();
  await azure.advance(3600);
  await bind(newer);
  await azure.advance(3600);
  const found = await rows(SUMMARY);
  expect(found.map(([id, status]) => [id, status])).toEqual([
    [kidOf(version), 200],
    [kidOf(newer), 200],
  ]);
  for (const [, , unwraps] of found)
    expect(Number(unwraps)).toBeGreaterThan(3600 / 17 + 3600 / 43 - 20);
  const [[, , , lastOld] = [], [, , , lastNew] = []] = found;
  expect(Date.parse(String(lastNew)) - Date.parse(String(lastOld))).toBeGreaterThan(3_400_000);
});

test('a cluster that was denied its key goes on asking, and is refused', async () => {
  await send();
  await bind(version);
  await azure.ask('PATCH', `https://${VAULT}.vault.azure.net/keys/kek/${version}`, {
    apiVersion: '7.5',
    body: { attributes: { enabled: false } },
  });
  await azure.advance(600);
  const refused = await rows(
    "where HttpStatusCode == 403 and ResultSignature == 'Forbidden' | count",
  );
  expect(Number(refused[0]?.[0])).toBeGreaterThan(20);
});

test('what clients do with keys is there after a while, with who did it', async () => {
  await azure.advance(1);
  await send();
  await newVersion();
  const made = async () => {
    const query =
      "AZKVAuditLogs | where OperationName == 'KeyCreate' | project Id, RequestUri, _ResourceId";
    const { body } = await logs.query('ws-audit', query);
    return (body as { tables: { rows: unknown[][] }[] }).tables[0]?.rows;
  };
  expect(await made()).toEqual([]);
  await azure.advance(121);
  expect(await made()).toEqual([
    [kidOf('create').replace('/create', ''), kidOf('create'), expect.stringContaining(VAULT)],
  ]);
});

test('nothing is told of the time before the setting, nor to a table of another kind', async () => {
  await bind(version);
  await azure.advance(600);
  await send({});
  expect(refusal(await logs.query('ws-audit', 'AZKVAuditLogs'))).toEqual([
    400,
    'BadArgumentError',
    'SemanticError',
  ]);
  await send();
  await azure.advance(130);
  const [[first] = []] = await rows('summarize min(TimeGenerated)');
  const now = await azure.look((tx) => tx.now);
  expect(now - Date.parse(String(first))).toBeLessThan(131_000);
});

test('a setting is written, read, listed and taken away, and needs a workspace that is there', async () => {
  const at = SETTING.replace('/audit', '');
  expect(refusal(await azure.ask('GET', SETTING, { apiVersion }))).toEqual([
    404,
    'ResourceNotFound',
    undefined,
  ]);
  const { status, body } = await send();
  expect(status).toBe(200);
  expect((await azure.ask('GET', SETTING, { apiVersion })).body).toEqual(body);
  expect((await azure.ask('GET', at, { apiVersion })).body).toEqual({ value: [body] });
  expect((await azure.ask('DELETE', SETTING, { apiVersion })).status).toBe(200);
  expect((await azure.ask('DELETE', SETTING, { apiVersion })).status).toBe(204);
  expect((await send({ workspaceId: null })).status).toBe(400);
  expect((await send({ workspaceId: '/subscriptions/none' })).status).toBe(404);
});
