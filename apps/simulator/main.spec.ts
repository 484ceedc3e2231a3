import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Exchange } from './exchanges.ts';
import { startProcess } from './spec-process.ts';
import type { SimulatorProcess } from './spec-process.ts';

let folder: string;
let simulator: SimulatorProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-process-'));
  simulator = await startProcess(folder);
});

afterEach(async () => {
  await simulator.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function group(): string {
  return `/subscriptions/${simulator.description.subscriptionId}/resourcegroups/rg-logs/providers`;
}

function cluster(name: string): string {
  return `${group()}/Microsoft.OperationalInsights/clusters/${name}?api-version=2025-07-01`;
}

async function create(name: string): Promise<{ status: number; operation: string }> {
  const reply = await simulator.arm('PUT', cluster(name), {
    location: 'westeurope',
    sku: { name: 'CapacityReservation', capacity: 500 },
    identity: { type: 'SystemAssigned' },
  });
  const url = new URL(String(reply.headers['azure-asyncoperation']));
  return { status: reply.status, operation: `${url.pathname}${url.search}` };
}

async function exchanges(): Promise<Exchange[]> {
  const text = String(await simulator.control('GET', '/exchanges'));
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange);
}

test('the ready line is in simulator.json too, for its owner only', () => {
  const file = join(folder, 'simulator.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(simulator.description);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(simulator.description.principals.map(({ name, roles }) => [name, roles])).toEqual([
    ['reader', ['reader']],
    ['operator', ['operator']],
    ['approver', ['approver']],
    ['second-approver', ['approver']],
    ['admin', ['admin']],
    ['keyturn', []],
    ['owner', []],
  ]);
});

test('after kill -9 in the middle of an operation the same world goes on', async () => {
  const { operation } = await create('lasting');
  await simulator.control('POST', '/clock/advance', { seconds: 600 });
  const before = await simulator.control('GET', '/state');
  const caBefore = readFileSync(simulator.description.caFile, 'utf8');
  await simulator.end('SIGKILL');
  simulator = await startProcess(folder);
  expect(await simulator.control('GET', '/state')).toEqual(before);
  expect(readFileSync(simulator.description.caFile, 'utf8')).toBe(caBefore);
  const running = await simulator.arm('GET', operation);
  await simulator.control('POST', '/clock/advance', { seconds: 900 });
  const ended = await simulator.arm('GET', operation);
  expect(running.body).toMatchObject({ status: 'InProgress' });
  expect(ended.body).toMatchObject({ status: 'Succeeded' });
});

test('SIGTERM ends it cleanly', async () => {
  expect(await simulator.end('SIGTERM')).toBe(0);
});

test('an exchange tells all but tokens and secrets', async () => {
  await simulator.arm('GET', cluster('absent'));
  const [token, read] = await exchanges();
  expect(token).toMatchObject({ method: 'POST', status: 200, principal: null });
  expect(new URLSearchParams(token?.requestBody).get('client_secret')).toBe('***');
  expect(JSON.parse(token?.responseBody ?? '')).toMatchObject({ access_token: '***' });
  expect(read).toMatchObject({
    method: 'GET',
    url: `https://management.azure.com${cluster('absent')}`,
    status: 404,
    principal: 'owner',
    requestHeaders: { authorization: 'Bearer ***' },
    effects: [],
    fault: null,
  });
  const raw = readFileSync(join(folder, 'exchanges.jsonl'), 'utf8');
  for (const { clientSecret } of simulator.description.principals) {
    expect(raw).not.toContain(clientSecret);
  }
});

describe('a fault', () => {
  test('of a status is answered in the shape of the service, as often as it says', async () => {
    await simulator.control('POST', '/faults', {
      method: 'GET',
      path: '/clusters/',
      nth: 2,
      count: 1,
      action: { kind: 'status', status: 429, retryAfter: 7 },
    });
    const statuses: number[] = [];
    const retryAfter: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      const reply = await simulator.arm('GET', cluster('absent'));
      statuses.push(reply.status);
      retryAfter.push(reply.headers['retry-after']);
    }
    expect(statuses).toEqual([404, 429, 404]);
    expect(retryAfter).toEqual([undefined, '7', undefined]);
    expect(await simulator.control('GET', '/faults')).toMatchObject([{ seen: 3, applied: 1 }]);
  });

  test('of a reset before leaves no effect, a reset after leaves the effect without the answer', async () => {
    const rule = { method: 'PUT', count: 1 };
    await simulator.control('POST', '/faults', {
      ...rule,
      action: { kind: 'reset', when: 'before' },
    });
    await expect(create('lost')).rejects.toThrow(/socket hang up|ECONNRESET/u);
    expect((await simulator.arm('GET', cluster('lost'))).status).toBe(404);
    await simulator.control('DELETE', '/faults');
    await simulator.control('POST', '/faults', {
      ...rule,
      action: { kind: 'reset', when: 'after' },
    });
    await expect(create('lost')).rejects.toThrow(/socket hang up|ECONNRESET/u);
    expect((await simulator.arm('GET', cluster('lost'))).status).toBe(200);
    const cut = (await exchanges()).filter(({ fault }) => fault !== null);
    expect(cut).toMatchObject([
      { status: 0, fault: 'reset before', effects: [] },
      { status: 0, fault: 'reset after', effects: ['cluster creation accepted'] },
    ]);
  });

  test('for one principal leaves the others alone', async () => {
    const action = { kind: 'status', status: 503 };
    await simulator.control('POST', '/faults', { principal: 'keyturn', action });
    expect((await simulator.arm('GET', cluster('absent'))).status).toBe(404);
    await simulator.control('POST', '/faults', { principal: 'owner', action });
    expect((await simulator.arm('GET', cluster('absent'))).status).toBe(503);
  });

  test('of a hang is never answered', async () => {
    await simulator.control('POST', '/faults', { method: 'PUT', action: { kind: 'hang' } });
    let answered = false;
    const hanging = create('never').then(
      () => (answered = true),
      () => undefined,
    );
    await simulator.arm('GET', cluster('never'));
    await simulator.arm('GET', cluster('never'));
    expect(answered).toBe(false);
    await simulator.end('SIGTERM');
    await hanging;
    expect(answered).toBe(false);
  });

  test('of a hang may take effect before', async () => {
    await simulator.control('POST', '/faults', {
      method: 'PUT',
      count: 1,
      action: { kind: 'hang', when: 'after' },
    });
    const hanging = create('unheard').catch(() => undefined);
    await vi.waitFor(async () => {
      expect((await exchanges()).filter(({ fault }) => fault !== null)).toMatchObject([
        { status: 0, fault: 'hang after', effects: ['cluster creation accepted'] },
      ]);
    }, 15_000);
    expect((await simulator.arm('GET', cluster('unheard'))).status).toBe(200);
    await simulator.end('SIGTERM');
    await hanging;
  });

  test('of a delay comes late and is then answered as usual', async () => {
    await simulator.control('POST', '/faults', {
      method: 'PUT',
      action: { kind: 'delay', ms: 300 },
    });
    const started = performance.now();
    expect((await create('late')).status).toBe(202);
    expect(performance.now() - started).toBeGreaterThanOrEqual(299);
  });

  test('of a truncated answer cuts the connection in the middle of the body', async () => {
    await simulator.control('POST', '/faults', { method: 'GET', action: { kind: 'truncated' } });
    await expect(simulator.arm('GET', cluster('absent'))).rejects.toThrow(/aborted|JSON/u);
  });

  test('of a duplicate sends the answer to the second delivery', async () => {
    await simulator.control('POST', '/faults', {
      method: 'PUT',
      count: 1,
      action: { kind: 'duplicate' },
    });
    const reply = await simulator.arm('PUT', cluster('twice'), {
      location: 'westeurope',
      sku: { name: 'CapacityReservation', capacity: 500 },
      identity: { type: 'SystemAssigned' },
    });
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^Operation cannot be executed now/u) } },
    });
    expect((await exchanges()).filter(({ fault }) => fault === 'duplicate')).toMatchObject([
      { status: 0, effects: ['cluster creation accepted'] },
      { status: 400, effects: [] },
    ]);
  });

  test('is deleted singly, and what it held goes on', async () => {
    const action = { kind: 'stuck' };
    const stuck = await simulator.control('POST', '/faults', { method: 'PUT', action });
    await simulator.control('POST', '/faults', { method: 'PATCH', action });
    const { operation } = await create('held');
    await simulator.control('POST', '/clock/advance', { seconds: 86_400 });
    expect((await simulator.arm('GET', operation)).body).toMatchObject({ status: 'InProgress' });
    await simulator.control('DELETE', `/faults?id=${(stuck as { id: string }).id}`);
    expect((await simulator.arm('GET', operation)).body).toMatchObject({ status: 'Succeeded' });
    expect(await simulator.control('GET', '/faults')).toMatchObject([{ method: 'PATCH', action }]);
  });

  test('that is malformed is refused', async () => {
    const post = async (rule: object): Promise<unknown> =>
      await simulator.control('POST', '/faults', rule);
    expect(await post({ action: { kind: 'explode' } })).toEqual({
      error: expect.stringMatching(/^adding a fault: action.kind must be one of status, delay,/u),
    });
    expect(await post({ action: { kind: 'fail' } })).toEqual({
      error: 'adding a fault: action.code must be a text',
    });
    expect(await post({ from: 'noon', action: { kind: 'hang' } })).toEqual({
      error: 'adding a fault: from must be an instant in ISO 8601',
    });
    expect(await simulator.control('GET', '/faults')).toEqual([]);
  });
});

describe('the proxy', () => {
  async function connectTo(authority: string): Promise<string> {
    const socket = connect(simulator.description.proxyPort, '127.0.0.1');
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return chunk.toString().split('\r\n', 1)[0] ?? '';
  }

  test('opens a tunnel for the names it plays', async () => {
    for (const name of [
      'management.azure.com',
      'login.microsoftonline.com',
      'kv-any.vault.azure.net',
      'api.loganalytics.azure.com',
      'dce-1.westeurope-1.ingest.monitor.azure.com',
    ]) {
      expect(await connectTo(`${name}:443`)).toBe('HTTP/1.1 200 Connection Established');
    }
  });

  test('refuses every other host at once', async () => {
    for (const authority of [
      'example.com:443',
      'management.azure.com:22',
      'management.azure.com.example.com:443',
      'a.b.vault.azure.net:443',
      'ingest.monitor.azure.com:443',
      '127.0.0.1:443',
    ]) {
      expect(await connectTo(authority)).toBe('HTTP/1.1 403 Forbidden');
    }
  });
});

test('a seed can be added while it runs, and a rotated key is published', async () => {
  await simulator.control('POST', '/seed', { name: 'regions' });
  const path = `/subscriptions/${simulator.description.subscriptionId}/providers/Microsoft.OperationalInsights/workspaces?api-version=2023-09-01`;
  const { body } = await simulator.arm('GET', path);
  const names = (body as { value: { name: string }[] }).value.map(({ name }) => name);
  expect(names).toEqual(['ws-payments', 'ws-trading', 'ws-audit', 'ws-overseas']);
  const rotated = await simulator.control('POST', '/entra/rotate-keys', {});
  expect(rotated).toEqual({ kid: expect.any(String) });
  expect((await simulator.arm('GET', path)).status).toBe(200);
});

test('switches are named one by one, and stand in the state', async () => {
  await simulator.end('SIGTERM');
  const flags = ['--switch', 'direct-relinks', '--switch', 'identities-at-once'];
  simulator = await startProcess(folder, flags);
  expect(await simulator.control('GET', '/state')).toMatchObject({
    settings: { switches: ['direct-relinks', 'identities-at-once'] },
  });
});

test('a word that the command line does not know ends it with the usage', () => {
  const main = join(import.meta.dirname, 'main.ts');
  const ended = spawnSync(process.execPath, ['-C', 'development', main, '--clock', 'sundial'], {
    encoding: 'utf8',
  });
  expect(ended.status).toBe(1);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toContain('--clock must be one of real, manual, follow, not sundial');
  expect(ended.stderr).toContain('usage: simulator');
});
