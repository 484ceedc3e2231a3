import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../key-vault/spec-vault.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { openSpecLogs } from './spec-logs.ts';
import type { SpecLogs } from './spec-logs.ts';

const HOUR = 3_600_000;
let azure: SimulatedAzure;
let logs: SpecLogs;
let now: number;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  logs = await openSpecLogs(azure);
  now = await azure.look((tx) => tx.now);
  const at = (ago: number) => new Date(now - ago).toISOString();
  await logs.send([
    { Marker: 'Alpha one', TimeGenerated: at(3 * HOUR) },
    { Marker: 'Beta', TimeGenerated: at(2 * HOUR) },
    { Marker: 'Beta', TimeGenerated: at(0) },
    { TimeGenerated: at(0) },
  ]);
  await azure.advance(60);
});

afterEach(async () => {
  await azure.close();
});

const rowsOf = ({ body }: Reply): unknown[][] =>
  (body as { tables: { rows: unknown[][] }[] }).tables[0]?.rows ?? [];

async function count(rest: string): Promise<unknown> {
  const reply = await logs.query('ws-audit', `KeyturnProbe_CL | ${rest} | count`);
  return reply.status === 200 ? rowsOf(reply)[0]?.[0] : reply.body;
}

describe('a query', () => {
  test.each([
    ["where Marker == 'Beta'", 2],
    ["where Marker == 'beta'", 0],
    ['where Marker =~ "beta"', 2],
    ["where Marker != 'Beta'", 2],
    ["where Marker contains 'et'", 2],
    ["where Marker !contains 'et'", 2],
    ["where Marker has 'one'", 1],
    ["where Marker has 'on'", 0],
    ["where Marker has 'alpha one'", 1],
    ["where Marker has 'lpha one'", 0],
    ["where Marker startswith 'alpha'", 1],
    ["where Marker endswith 'one'", 1],
    ["where Marker in ('Alpha one', 'Beta')", 3],
    ["where Marker !in ('Beta')", 2],
    ['where TimeGenerated > ago(1h)', 2],
    ['where TimeGenerated between (ago(150m) .. ago(90m))', 1],
    ['where TimeGenerated < datetime(2020-01-01)', 0],
    ['where TimeGenerated <= now()', 4],
    ["where Marker == 'Beta' and TimeGenerated > ago(1h)", 1],
    ["where (Marker == 'Beta' or Marker has 'one') and TimeGenerated < ago(1h)", 2],
    ['take 3', 3],
    ['limit 1', 1],
  ])('with %s finds so many rows: %i', async (rest, found) => {
    expect(await count(rest)).toBe(found);
  });

  test('orders, projects, and counts by groups', async () => {
    const ordered =
      'KeyturnProbe_CL | order by Marker asc, TimeGenerated | project Marker | take 2';
    expect(rowsOf(await logs.query('ws-audit', ordered))).toEqual([[null], ['Alpha one']]);
    const grouped = 'KeyturnProbe_CL | summarize n = count() by Marker | sort by n desc | take 1;';
    expect(rowsOf(await logs.query('ws-audit', grouped))).toEqual([['Beta', 2]]);
    const range =
      'KeyturnProbe_CL | summarize count(), min(Marker), Last = max(Marker) | project min_Marker, Last';
    expect(rowsOf(await logs.query('ws-audit', range))).toEqual([['Alpha one', 'Beta']]);
    const total = 'KeyturnProbe_CL // all\n| where Marker == "none" | summarize count()';
    expect((await logs.query('ws-audit', total)).body).toMatchObject({
      tables: [{ columns: [{ name: 'count_', type: 'long' }], rows: [[0]] }],
    });
  });

  test.each([
    ['PT1H', 2],
    ['P1DT1H', 4],
    ['2020-01-01T00:00:00Z/2020-01-02T00:00:00Z', 0],
  ])('over the timespan %s looks at so many rows: %i', async (timespan, found) => {
    const reply = await logs.query('ws-audit', 'KeyturnProbe_CL', { timespan });
    expect(rowsOf(reply)).toHaveLength(found);
  });

  test('over an instant and a duration, in both orders, looks at what lies between', async () => {
    const from = new Date(now - 2.5 * HOUR).toISOString();
    const to = new Date(now - 1.5 * HOUR).toISOString();
    for (const timespan of [`${from}/PT1H`, `PT1H/${to}`, `${from}/${to}`]) {
      const reply = await logs.query('ws-audit', 'KeyturnProbe_CL', { timespan });
      expect(rowsOf(reply)).toHaveLength(1);
    }
  });
});

describe('a query is refused', () => {
  test.each([
    ['KeyturnProbe_CL | extend X = 1', 'extend'],
    ['KeyturnProbe_CL | where Marker matches "x"', 'matches'],
    ['KeyturnProbe_CL | where Marker == tostring(1)', 'tostring'],
    ['KeyturnProbe_CL | summarize dcount(Marker)', 'dcount'],
    ['KeyturnProbe_CL | take', '<EOF>'],
    ['KeyturnProbe_CL take 1', 'take'],
    ['union *', '*'],
    ["KeyturnProbe_CL | where Marker == 'open", "'"],
  ])('where it cannot be read: %s', async (query, token) => {
    const reply = await logs.query('ws-audit', query);
    expect(reply).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'BadArgumentError',
          innererror: { code: 'SyntaxError', innererror: { code: 'SYN0002', line: 1, token } },
        },
      },
    });
  });

  test.each([
    ['Heartbeat | count', 'SEM0100'],
    ['KeyturnProbe_CL | where Colour == "red"', 'SEM0100'],
    ['KeyturnProbe_CL | project Colour', 'SEM0100'],
    ['KeyturnProbe_CL | where Marker == 1', 'SEM0064'],
    ['KeyturnProbe_CL | where TimeGenerated contains "x"', 'SEM0064'],
  ])('for what a name or type does not fit: %s', async (query, code) => {
    const reply = await logs.query('ws-audit', query);
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { innererror: { code: 'SemanticError', innererror: { code } } } },
    });
  });

  test.each([['1 hour'], ['P1Y'], ['PT1H/never'], [7]])('for the timespan %s', async (timespan) => {
    const reply = await logs.query('ws-audit', 'KeyturnProbe_CL', { timespan });
    expect(refusal(reply)).toEqual([400, 'BadArgumentError', 'InvalidArgument']);
  });

  test('without a query, and for a workspace that is not there', async () => {
    const url = 'https://api.loganalytics.azure.com/v1/workspaces/none/query';
    expect(refusal(await azure.ask('POST', url, { body: {} }))).toEqual([
      404,
      'PathNotFoundError',
      undefined,
    ]);
    expect(await logs.query('ws-audit', '', { query: undefined })).toMatchObject({ status: 400 });
  });

  test('to those who may not read the workspace', async () => {
    const customerId = rowsOf(await logs.query('ws-audit', 'KeyturnProbe_CL | take 1'))[0]?.[0];
    const url = `https://api.loganalytics.io/v1/workspaces/${String(customerId)}/query`;
    const reply = await azure.ask('POST', url, { as: 'operator', body: { query: 'x' } });
    expect(refusal(reply)).toEqual([403, 'InsufficientAccessError', 'UnauthorizedClient']);
  });
});
