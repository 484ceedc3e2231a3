import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { SimulatedAzure } from '../simulated-azure.ts';
import { openSpecLogs } from './spec-logs.ts';
import type { SpecLogs } from './spec-logs.ts';

let azure: SimulatedAzure;
let logs: SpecLogs;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  logs = await openSpecLogs(azure);
});

afterEach(async () => {
  await azure.close();
});

describe('sending records', () => {
  test('is answered 204 and reaches every workspace of the rule', async () => {
    expect(await logs.send([{ Marker: 'a' }, { Marker: 'b' }])).toMatchObject({
      status: 204,
      body: undefined,
    });
    await azure.advance(60);
    for (const workspace of ['ws-payments', 'ws-trading', 'ws-audit']) {
      expect(await logs.markers(workspace)).toEqual(['a', 'b']);
      expect(await logs.numbers(workspace)).toEqual({
        accepted: 2,
        dropped: 0,
        writtenUnder: { MMK: 2 },
        readable: { MMK: 2 },
        unreadable: {},
        lost: 0,
        hotCache: 2,
      });
    }
  });

  test('shows nothing before the records have arrived', async () => {
    await logs.send([{ Marker: 'a' }]);
    expect(await logs.markers('ws-audit')).toEqual([]);
    await azure.advance(29);
    expect(await logs.markers('ws-audit')).toEqual([]);
    await azure.advance(1);
    expect(await logs.markers('ws-audit')).toEqual(['a']);
  });

  test('keeps declared columns only, and fills in a missing time', async () => {
    await logs.send([
      { Marker: 'a', Secret: 1 },
      { Marker: 'b', TimeGenerated: '2026-01-02T03:04:05Z' },
    ]);
    await azure.advance(60);
    const { body } = await logs.query('ws-audit', 'KeyturnProbe_CL | order by Marker asc');
    expect(body).toMatchObject({
      tables: [
        {
          name: 'PrimaryResult',
          columns: [
            { name: 'TenantId', type: 'string' },
            { name: 'TimeGenerated', type: 'datetime' },
            { name: 'Marker', type: 'string' },
            { name: 'Type', type: 'string' },
          ],
          rows: [
            [expect.any(String), expect.any(String), 'a', 'KeyturnProbe_CL'],
            [expect.any(String), '2026-01-02T03:04:05.000Z', 'b', 'KeyturnProbe_CL'],
          ],
        },
      ],
    });
  });

  test('needs the publisher role on the rule: even the owner has no right to data', async () => {
    const reply = await logs.send([{ Marker: 'a' }], 'owner');
    expect(refusal(reply)).toEqual([403, 'OperationFailed', undefined]);
    expect(JSON.stringify(reply.body)).toContain(
      `does not have access to ingest data for the data collection rule with immutable Id '${logs.ruleId}'`,
    );
    expect((await logs.numbers('ws-audit')).accepted).toBe(0);
  });
});

describe('sending is refused', () => {
  const post = async (url: string, question: object = { body: [] }) =>
    await azure.ask('POST', url, { apiVersion: '2023-01-01', as: 'keyturn', ...question });

  test('for a rule that is not there', async () => {
    const reply = await post(logs.streamUrl.replace(logs.ruleId, 'dcr-none'));
    expect(reply).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'NotFound',
          message: "Data collection rule with immutable Id 'dcr-none' not found.",
        },
      },
    });
  });

  test('for an endpoint that is not there', async () => {
    const reply = await post(logs.streamUrl.replace('dce-probes', 'dce-other'));
    expect(refusal(reply)).toEqual([404, 'NotFound', undefined]);
  });

  test('for a stream the rule does not declare', async () => {
    expect(refusal(await post(`${logs.streamUrl}X`))).toEqual([400, 'InvalidStream', undefined]);
  });

  test.each([
    ['no JSON', { rawBody: '{' }],
    ['one object', { body: { Marker: 'a' } }],
    ['a list of texts', { body: ['a'] }],
    ['nothing', {}],
  ])('for a body that is %s', async (_, question) => {
    expect(refusal(await post(logs.streamUrl, question))).toEqual([
      400,
      'InvalidPayload',
      undefined,
    ]);
  });

  test('for more than a megabyte', async () => {
    const body = [{ Marker: 'x'.repeat(1_048_577) }];
    expect(refusal(await post(logs.streamUrl, { body }))).toEqual([
      413,
      'ContentLengthLimitExceeded',
      undefined,
    ]);
  });

  test('for a token of another audience', async () => {
    const headers = { authorization: 'Bearer none' };
    expect(await post(logs.streamUrl, { body: [], headers })).toMatchObject({ status: 401 });
  });
});
