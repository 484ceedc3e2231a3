import { afterEach, beforeEach, expect, test } from 'vitest';
import { idOf } from '../providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from '../simulated-azure.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';

const apiVersion = '2023-03-11';
const ENDPOINT = 'Microsoft.Insights/dataCollectionEndpoints/dce-own';
const RULE = 'Microsoft.Insights/dataCollectionRules/dcr-own';
let azure: SimulatedAzure;

beforeEach(async () => {
  azure = await openSimulatedAzure();
});

afterEach(async () => {
  await azure.close();
});

const put = async (place: string, properties: object = {}): Promise<Reply> =>
  await azure.ask('PUT', place, { apiVersion, body: { location: 'westeurope', properties } });

const rule = (change: object = {}) => ({
  dataCollectionEndpointId: idOf(azure, ENDPOINT),
  streamDeclarations: { 'Custom-Own_CL': { columns: [{ name: 'Text', type: 'string' }] } },
  destinations: {
    logAnalytics: [
      {
        name: 'audit',
        workspaceResourceId: idOf(azure, 'Microsoft.OperationalInsights/workspaces/ws-audit'),
      },
    ],
  },
  dataFlows: [{ streams: ['Custom-Own_CL'], destinations: ['audit'], transformKql: 'source' }],
  ...change,
});

test('an endpoint says where to send to, and keeps it when written again', async () => {
  const made = await put(ENDPOINT);
  expect(made).toMatchObject({
    status: 201,
    body: {
      properties: {
        immutableId: expect.stringMatching(/^dce-[\da-f]{32}$/u),
        logsIngestion: {
          endpoint: expect.stringMatching(
            /^https:\/\/dce-own-[\da-f]{4}\.westeurope-1\.ingest\.monitor\.azure\.com$/u,
          ),
        },
      },
    },
  });
  expect(await put(ENDPOINT)).toEqual({ ...made, status: 200, headers: expect.anything() });
});

test('a rule is read back as it was written, with an immutable id', async () => {
  await put(ENDPOINT);
  expect((await put(RULE, rule())).status).toBe(201);
  const read = await azure.ask('GET', RULE, { apiVersion });
  const { dataFlows: _, ...rest } = rule();
  expect(read).toMatchObject({
    status: 200,
    body: { properties: { ...rest, immutableId: expect.stringMatching(/^dcr-[\da-f]{32}$/u) } },
  });
  const list = await azure.ask('GET', 'Microsoft.Insights/dataCollectionRules', { apiVersion });
  expect((list.body as { value: { name: string }[] }).value.map(({ name }) => name)).toEqual([
    'dcr-probes',
    'dcr-own',
  ]);
});

test.each([
  ['an unknown endpoint', { dataCollectionEndpointId: '/none' }, 'InvalidDataCollectionEndpoint'],
  [
    'an unknown workspace',
    { destinations: { logAnalytics: [{ name: 'audit', workspaceResourceId: '/none' }] } },
    'InvalidDestination',
  ],
  ['an undeclared stream', { streamDeclarations: {} }, 'InvalidStream'],
  ['an undeclared destination', { destinations: {} }, 'InvalidDestination'],
  [
    'a transformation',
    { dataFlows: [{ streams: [], destinations: [], transformKql: 'source | take 1' }] },
    'InvalidTransformQuery',
  ],
  ['flows that are no list', { dataFlows: {} }, 'InvalidProperty'],
])('a rule with %s is refused', async (_, change, code) => {
  await put(ENDPOINT);
  expect(await put(RULE, rule(change))).toMatchObject({
    status: 400,
    body: { error: { code: 'InvalidPayload', details: [{ code }] } },
  });
});

test('a rule that is not there is a 404', async () => {
  expect(await azure.ask('GET', RULE, { apiVersion })).toMatchObject({
    status: 404,
    body: { error: { code: 'ResourceNotFound' } },
  });
});

test('a body without a location is refused', async () => {
  expect(await azure.ask('PUT', ENDPOINT, { apiVersion, body: {} })).toMatchObject({
    status: 400,
    body: { error: { code: 'LocationRequired' } },
  });
});
