/** What no client library would send, byte for byte, at every surface. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SignJWT } from 'jose';
import type { Exchange } from './exchanges.ts';
import { startSimulator } from './start.ts';
import type { RunningSimulator } from './start.ts';

let simulator: RunningSimulator;
let said: string[];

beforeAll(async () => {
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const ports = { httpsPort: 0, proxyPort: 0, controlPort: 0 };
  const settings = { rules: 'current', pace: 1, retryAfter: false, switches: [] } as const;
  const world = { ...settings, clock: 'follow' } as const;
  simulator = await startSimulator({ ...ports, ...world, seed: 'brownfield' });
});

afterAll(async () => {
  vi.restoreAllMocks();
  await simulator.close();
});

interface Raw {
  host: string;
  method: string;
  target: string;
  headers: readonly string[];
  body: Buffer;
}

/** Sends the bytes on a connection of their own; gives status and body of the answer, 0 when there was none. */
async function send({ host, method, target, headers, body }: Raw) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect({
    host: '127.0.0.1',
    port: simulator.description.httpsPort,
    servername: host,
    ca: readFileSync(simulator.description.caFile),
  });
  const head = [`${method} ${target} HTTP/1.1`, `host: ${host}`, ...headers, 'connection: close'];
  socket.once('secureConnect', () => {
    socket.write(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1');
    socket.write(body);
  });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A refusal may come while the body is still on its way.
  socket.on('error', () => {});
  socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  const answer = await promise;
  const [top = '', text = ''] = answer.split('\r\n\r\n', 2);
  return { status: Number(/^HTTP\/1.1 (\d{3})/u.exec(top)?.[1] ?? 0), text };
}

async function ownerToken(scope: string): Promise<string> {
  const { tenantId, principals } = simulator.description;
  const owner = principals.find(({ name }) => name === 'owner');
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: owner?.clientId ?? '',
    client_secret: owner?.clientSecret ?? '',
    scope,
  });
  const { text } = await send({
    host: 'login.microsoftonline.com',
    method: 'POST',
    target: `/${tenantId}/oauth2/v2.0/token`,
    headers: ['content-type: application/x-www-form-urlencoded'],
    body: Buffer.from(form.toString()),
  });
  return (JSON.parse(text) as { access_token: string }).access_token;
}

const arm = 'management.azure.com';
const hosts = [
  arm,
  'kv-trading.vault.azure.net',
  'login.microsoftonline.com',
  'api.loganalytics.azure.com',
  'dce-probes.westeurope-1.ingest.monitor.azure.com',
];
const bodies: readonly (readonly [name: string, body: Buffer, header?: string])[] = [
  ['none', Buffer.alloc(0)],
  ['half', Buffer.from('{"properties": {"keyVaultProperties": {"kyName": "a"')],
  ['nothing', Buffer.from('null')],
  ['a list', Buffer.from('[1]')],
  ['no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
  ['deep', Buffer.from('{"tags":'.padEnd(200_000, '['))],
  ['deep and whole', Buffer.from(`{"tags":${'['.repeat(5000)}${']'.repeat(5000)}}`)],
  ['quotes', Buffer.from(`"${String.raw`\"`.repeat(100_000)}`)],
  ['packed', gzipSync('{"location": "westeurope"}'), 'content-encoding: gzip'],
  ['not packed', Buffer.from('{}'), 'content-encoding: gzip'],
  ['far too large when unpacked', gzipSync(Buffer.alloc(40_000_000)), 'content-encoding: gzip'],
  [
    'a form',
    Buffer.from('grant_type=%zz&__proto__=1'),
    'content-type: application/x-www-form-urlencoded',
  ],
];
const subscription = () => `/subscriptions/${simulator.description.subscriptionId}`;
const group = () => `${subscription()}/resourceGroups/rg-logs/providers`;
const targets: readonly (() => string)[] = [
  () => `/${subscription()}//resourcegroups/rg-logs?api%2Dversion=2021-04-01`,
  () => `//${group()}/Microsoft.OperationalInsights//clusters?api%2dversion=2025-07-01`,
  () => `${group()}/Microsoft.OperationalInsights/clusters/clu-trading?api-version=2025-07-01`,
  () =>
    `${group()}/Microsoft.OperationalInsights/clusters/clu-trading?%61pi-version=2025-07-01&api-version=x`,
  () =>
    `${group()}/Microsoft.OperationalInsights/workspaces/ws-team-01/linkedServices/cluster?api-version=2020-08-01`,
  () => `${group()}/Microsoft.OperationalInsights/../../../x?api-version=1`,
  () => `${group()}/Microsoft.OperationalInsights/%2e%2e/clusters/%00?api-version=2025-07-01`,
  () => `${group()}/Microsoft.KeyVault/vaults/kv-trading?api-version=2023-07-01`,
  () => `${group()}/Microsoft.KeyVault/vaults/kv-trading?api-version=2023-07-01&api-version=`,
  () => `${subscription()}/resources?$filter=resourceType eq 'x'&api-version=2021-04-01`,
  () => `https://${arm}${subscription()}?api-version=2021-04-01`,
  () => '/keys/key-trading/create?api%2Dversion=7.5',
  () => '/keys//key-trading//?api%2Dversion=7.5',
  () => '/keys/key-trading/../../etc/passwd?api-version=7.5',
  () => '/deletedkeys?api-version=7.5&maxresults=-1&$skiptoken=%zz',
  () => '/v1/workspaces/none/query',
  () => '/dataCollectionRules/x/streams/Custom-KeyturnProbe_CL?api-version=2023-01-01',
  () => '/common/discovery/instance?api-version=1.1&authorization_endpoint=https://%zz',
  () => `/${simulator.description.tenantId}/oauth2/v2.0/token`,
  () => '*',
  () => '/',
  () => '/\u00ff\u00fe?\u00ff',
  () => `/${'a/'.repeat(3000)}`,
  () => `/?${'api-version=&'.repeat(1000)}`,
];

test('bytes that no client sends are refused in one piece, without effect, and nothing ends', async () => {
  const scopes = ['https://management.azure.com', 'https://vault.azure.net', 'https://ключ'];
  const good = await Promise.all(scopes.map(async (scope) => ownerToken(`${scope}/.default`)));
  const [own = ''] = good;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${own.split('.')[1] ?? ''}.`;
  const forged = await new SignJWT({ oid: 'x', tid: simulator.description.tenantId })
    .setProtectedHeader({ alg: 'HS256', kid: 'x' })
    .sign(Buffer.alloc(32));
  const tokens = [
    ...good,
    own.slice(0, -20),
    `${own}x`,
    own.replace('.', '..'),
    unsigned,
    forged,
    '',
    'a b',
  ];
  const request = fc.record({
    host: fc.constantFrom(...hosts),
    method: fc.constantFrom(
      'GET',
      'PUT',
      'PATCH',
      'POST',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'PURGE',
    ),
    target: fc.constantFrom(...targets),
    token: fc.constantFrom(...tokens),
    scheme: fc.constantFrom('Bearer', 'Bearer', 'Bearer', 'bearer', 'Basic', 'Bearer  '),
    body: fc.constantFrom(...bodies),
    time: fc.constantFrom(undefined, 'x', '-1', '1e300', 'Infinity', '1700000000000'),
  });
  const property = fc.asyncProperty(request, async (asked) => {
    const { host, method, target, token, scheme, time, body: sample } = asked;
    const [, body, header = 'content-type: application/json'] = sample;
    const authorization = token === '' ? [] : [`authorization: ${scheme} ${token}`];
    const clock = time === undefined ? [] : [`x-simulated-time: ${time}`];
    const headers = [header, ...authorization, ...clock];
    const { status, text } = await send({ host, method, target: target(), headers, body });
    expect(status, said.join('')).toBeGreaterThanOrEqual(200);
    expect(status, said.join('')).toBeLessThan(500);
    if (text !== '' && text.startsWith('{')) expect(JSON.parse(text)).toBeTypeOf('object');
  });
  await fc.assert(property, { seed: 1_073_468_929, numRuns: 600 });
  await refuseHuge();

  const { controlPort } = simulator.description;
  const record = await (await fetch(`http://127.0.0.1:${controlPort}/exchanges`)).text();
  const exchanges = record
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange);
  const refused = exchanges.filter(({ status }) => status >= 400);
  expect(refused.length).toBeGreaterThan(300);
  expect(refused.filter(({ effects }) => effects.length > 0)).toEqual([]);
  expect(said).toEqual([]);
}, 120_000);

/** More than four megabytes, at every service. */
async function refuseHuge(): Promise<void> {
  for (const host of hosts) {
    const body = Buffer.alloc(5 * 1_048_576, '[');
    const place = { host, method: 'PUT', target: '/keys/a/create?api-version=7.5' };
    const { status, text } = await send({ ...place, headers: [], body });
    expect(status).toBe(413);
    expect(text).toContain('RequestContentTooLarge');
  }
}
