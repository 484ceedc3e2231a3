/** Log ingestion and log query by Microsoft's SDKs: against the simulator as they are, and through libs/azure. */
import type { TokenCredential } from '@azure/core-auth';
import { LogsIngestionClient } from '@azure/monitor-ingestion';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runAttempt } from '#activities/azure-stand-in.ts';
import { probeActivities } from '#activities/probes.ts';
import { type Azure, createAzure, type LogStream, type Started } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, type Dial, type SimulatorFile } from '#libs/dial/dial.ts';
import { formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { type RunningSimulator, startSimulator } from '../support/simulator.ts';
import { callNamed, type StubbedAzure, startStubbedAzure } from '../support/stubbed-azure.ts';

const call = callNamed('operation-1/7/1');

describe('against the simulator', () => {
  let simulator: RunningSimulator;
  let dial: Dial;
  let azure: Azure;
  let credential: TokenCredential;
  let stream: LogStream;
  let table: string;
  let customerId: string;

  beforeAll(async () => {
    simulator = await startSimulator({ clock: 'manual' });
    dial = createDial(simulator.file);
    credential = credentialOf('keyturn');
    azure = createAzure({ credential, dial });
    ({ table, ...stream } = ingestionOf(simulator.file));
    customerId = await customerIdOf('ws-audit');
  });
  afterAll(async () => {
    dial.agent.destroy();
    await simulator.stop();
  });

  const named = (name: string) => ({
    subscriptionId: simulator.file.subscriptionId,
    resourceGroup: simulator.file.resourceGroup,
    name,
  });

  const idOf = (name: string) => formatWorkspaceId(named(name));

  function credentialOf(principal: string) {
    const { tenantId, principals } = simulator.file;
    const found = principals.find(({ name }) => name === principal);
    if (found === undefined) throw new Error(`reading principals: ${principal} is not among them`);
    const { clientId, clientSecret } = found;
    return createCredential({ kind: 'client-secret', tenantId, clientId, clientSecret }, dial);
  }

  async function customerIdOf(workspace: string) {
    const { value } = await azure.workspaces.read(named(workspace), call);
    if (value?.customerId === undefined) throw new Error(`reading ${workspace}: it has no GUID`);
    return value.customerId;
  }

  const find = async (marker: string, workspace = customerId) => {
    const kql = `${table} | where Marker == "${marker}"`;
    return await azure.logs.query(workspace, { kql, timespan: 'P1D' }, call);
  };

  describe('the SDKs as they are', () => {
    test('send hundreds of records, compressed, and count them', async () => {
      const options = { agent: dial.agent, retryOptions: { maxRetries: 0 } };
      const ingestion = new LogsIngestionClient(stream.endpoint, credential, options);
      const records = Array.from({ length: 300 }, (_, index) => ({
        Marker: 'bulk',
        TimeGenerated: new Date().toISOString(),
        Text: `${index} ${'x'.repeat(10_000)}`,
      }));
      await ingestion.upload(stream.ruleId, stream.streamName, records, { maxConcurrency: 2 });
      await simulator.advance(60);
      const queries = new LogsQueryClient(credential, options);
      const result = await queries.queryWorkspace(
        customerId,
        `${table} | where Marker == 'bulk' | summarize count()`,
        { duration: 'PT1H' },
      );
      expect(result).toMatchObject({
        status: 'Success',
        tables: [{ name: 'PrimaryResult', rows: [[300]] }],
      });
    });

    test('tell a rule that is not there', async () => {
      const ingestion = new LogsIngestionClient(stream.endpoint, credential, { agent: dial.agent });
      await expect(
        ingestion.upload('dcr-none', stream.streamName, [{ Marker: 'x' }]),
      ).rejects.toMatchObject({
        name: 'AggregateLogsUploadError',
        errors: [{ cause: { statusCode: 404, code: 'NotFound' } }],
      });
    });
  });

  describe('ours', () => {
    test('a record that was sent is found with its values', async () => {
      const sent = await azure.logs.ingest(stream, { Marker: 'one' }, call);
      expect(sent).toEqual({ accepted: true, requestId: expect.stringMatching(/./u) });
      expect((await find('one')).value).toEqual({ rows: [] });
      await simulator.advance(60);
      const { value, requestId } = await find('one');
      expect(value.rows).toEqual([
        {
          TenantId: customerId,
          TimeGenerated: expect.any(Date),
          Marker: 'one',
          Type: table,
        },
      ]);
      expect(requestId).not.toBe('');
    });

    test('nobody without the right may send or query, and is told apart from a key that is gone', async () => {
      const operator = createAzure({ credential: credentialOf('operator'), dial });
      await expect(operator.logs.ingest(stream, {}, call)).rejects.toMatchObject({
        kind: 'answer',
        status: 403,
        code: 'OperationFailed',
      });
      const question = { kql: table, timespan: 'PT1H' };
      await expect(operator.logs.query(customerId, question, call)).rejects.toMatchObject({
        kind: 'answer',
        status: 403,
        code: 'InsufficientAccessError',
        innerCode: 'UnauthorizedClient',
      });
    });

    test('a query that Azure cannot read is refused with its place', async () => {
      const question = { kql: `${table} | render`, timespan: 'PT1H' };
      await expect(azure.logs.query(customerId, question, call)).rejects.toMatchObject({
        kind: 'answer',
        status: 400,
        code: 'BadArgumentError',
        innerCode: 'SyntaxError',
        target: customerId,
      });
    });

    test('both carry our request id, in the exchanges', async () => {
      await azure.logs.ingest(stream, { Marker: 'traced' }, call);
      await find('traced');
      const answer = await simulator.control('/exchanges');
      const exchanges = (await answer.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { url: string; requestHeaders: Record<string, string> });
      for (const part of ['ingest.monitor.azure.com', 'api.loganalytics.io']) {
        const last = exchanges.findLast(({ url }) => url.includes(part));
        expect(last?.requestHeaders['x-ms-client-request-id']).toBe('operation-1/7/1');
      }
    });

    test('what a revoked cluster drops is accepted, and its workspace cannot be queried', async () => {
      await linkUnderKey('ws-payments');
      const payments = await customerIdOf('ws-payments');
      await send('kept');
      expect((await find('kept', payments)).value.rows).toHaveLength(1);
      await revoke();
      await send('dropped');
      await expect(find('kept', payments)).rejects.toMatchObject({
        kind: 'answer',
        status: 403,
        code: 'CustomerManagedKeyAccessError',
      });
      const deeds = probeActivities(azure, { ...stream, table });
      const workspaces = [idOf('ws-payments'), idOf('ws-audit')];
      const probed = await runAttempt(
        async () =>
          await deeds.probeAccess({ workspaces, marker: 'dropped', withinMs: 0, readable: false }),
      );
      expect(probed.looks).toMatchObject([
        { readable: false, seen: 0 },
        { readable: true, seen: 1 },
      ]);
      const state = (await (await simulator.control('/state')).json()) as {
        logs: Record<string, { dropped: number; unreadable: Record<string, number> }>;
      };
      const numbers = Object.entries(state.logs).find(([id]) => id.endsWith('/ws-payments'))?.[1];
      expect(numbers?.dropped).toBe(1);
      expect(Object.keys(numbers?.unreadable ?? {})).toEqual([
        expect.stringMatching(/^https:\/\/kv-probes\.vault\.azure\.net\/keys\/cmk\/[\da-f]{32}$/u),
      ]);
    });

    async function send(marker: string) {
      await azure.logs.ingest(stream, { Marker: marker }, call);
      await simulator.advance(60);
    }
  });

  /** Gives a workspace a cluster with a customer's key. */
  async function linkUnderKey(workspace: string) {
    const { location: region, tenantId } = simulator.file;
    const cluster = named('cluster-probes');
    const size = { region, capacityGbPerDay: 500, billingType: 'Cluster', tags: {} };
    await pass(await azure.clusters.create(cluster, size, call));
    const { value } = await azure.clusters.read(cluster, call);
    await azure.vaults.create(named('kv-probes'), { region, tenantId, tags: {} }, call);
    await allow(await azure.self(), ['get', 'list', 'create']);
    await allow(value?.principalId ?? '', ['get', 'wrapKey', 'unwrapKey']);
    const vaultUri = 'https://kv-probes.vault.azure.net';
    await azure.keys.create(vaultUri, 'cmk', { sizeBits: 2048, tags: {} }, call);
    await pass(
      await azure.clusters.bindKey(cluster, { vaultUri, keyName: 'cmk', keyVersion: '' }, call),
    );
    await pass(await azure.workspaces.link(named(workspace), value?.id ?? '', call));
  }

  async function allow(objectId: string, keyPermissions: string[]) {
    const { tenantId } = simulator.file;
    const access = { objectId, tenantId, keyPermissions };
    await azure.vaults.addAccess(named('kv-probes'), access, call);
    await simulator.advance(60);
  }

  /** Takes the cluster's access to the key away, and waits until that is felt. */
  async function revoke() {
    const { value } = await azure.clusters.read(named('cluster-probes'), call);
    const grantee = { objectId: value?.principalId ?? '', tenantId: simulator.file.tenantId };
    await azure.vaults.removeAccess(named('kv-probes'), grantee, call);
    await simulator.advance(3600);
  }

  /** Lets all of Azure's work be done. */
  async function pass({ accepted }: Started) {
    expect(accepted).toBe(true);
    await simulator.advance(3600);
  }
});

describe('what goes wrong on the way', () => {
  const stream: LogStream = {
    endpoint: 'https://dce-1.westeurope-1.ingest.monitor.azure.com',
    ruleId: 'dcr-1',
    streamName: 'Custom-Probe',
  };
  const question = { kql: 'Probe', timespan: 'PT1H' };
  let stubbed: StubbedAzure;
  beforeEach(async () => {
    stubbed = await startStubbedAzure();
  });
  afterEach(() => stubbed.stop());

  const bothWays = (azure: Azure) => [
    async () => await azure.logs.ingest(stream, { Marker: 'x' }, call),
    async () => await azure.logs.query('guid', question, call),
  ];

  test('a refused answer keeps its words and its Retry-After, though the SDK wraps it', async () => {
    stubbed.script.write = () => ({
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'Throttled', message: 'Too many.' } },
    });
    for (const attempt of bothWays(stubbed.azure)) {
      await expect(attempt()).rejects.toMatchObject({
        name: 'AzureError',
        kind: 'answer',
        status: 429,
        code: 'Throttled',
        azureMessage: 'Too many.',
        retryAfterMs: 7000,
      });
    }
    expect(stubbed.requests).toHaveLength(2);
  });

  test('an error that is no JSON is an answer all the same', async () => {
    stubbed.script.write = () => ({ status: 502, text: '<html>' });
    for (const attempt of bothWays(stubbed.azure)) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'answer', status: 502 });
    }
  });

  test('a connection that breaks is the network, not an answer', async () => {
    stubbed.script.write = () => 'reset';
    for (const attempt of bothWays(stubbed.azure)) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'network', sent: true });
    }
  });

  test('no answer ends with the deadline, and gives the connection up', async () => {
    stubbed.script.write = () => 'hang';
    for (const attempt of bothWays(stubbed.azureWithin(300))) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'timeout', sent: true });
    }
    await expect.poll(stubbed.abandoned).toBe(2);
  });

  test('a cancelled activity cuts a query short, though the SDK forgets its signal', async () => {
    stubbed.script.write = () => 'hang';
    const controller = new AbortController();
    const asked = stubbed.azure.logs.query('guid', question, {
      ...call,
      signal: controller.signal,
    });
    await expect.poll(() => stubbed.requests.length).toBe(1);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled', sent: true });
  });

  test('half an answer says that it is half', async () => {
    const table = { name: 'PrimaryResult', columns: [{ name: 'n', type: 'long' }], rows: [[1]] };
    const error = { code: 'PartialError', message: 'There were some errors.' };
    stubbed.script.write = () => ({ status: 200, body: { tables: [table], error } });
    const { value } = await stubbed.azure.logs.query('guid', question, call);
    expect(value).toEqual({ rows: [{ n: 1 }], partial: 'PartialError There were some errors.' });
  });
});

function ingestionOf({ logIngestion }: SimulatorFile) {
  if (logIngestion === undefined) throw new Error('reading simulator.json: it takes no records');
  return logIngestion;
}
