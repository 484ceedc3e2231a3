import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startProcess } from '../spec-process.ts';
import type { SimulatorProcess } from '../spec-process.ts';

let folder: string;
let simulator: SimulatorProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-control-'));
  simulator = await startProcess(folder);
});

afterEach(async () => {
  await simulator.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function create(name: string): Promise<number> {
  const { subscriptionId } = simulator.description;
  const place = `/subscriptions/${subscriptionId}/resourcegroups/rg-logs/providers/Microsoft.OperationalInsights/clusters/${name}`;
  const { status } = await simulator.arm('PUT', `${place}?api-version=2025-07-01`, {
    location: 'westeurope',
    sku: { name: 'CapacityReservation', capacity: 500 },
    identity: { type: 'SystemAssigned' },
  });
  return status;
}

test('rights set from outside count at once', async () => {
  const missing = 'Microsoft.OperationalInsights/clusters/write';
  await simulator.control('POST', '/rights', { principal: 'owner', without: [missing] });
  expect(await create('forbidden')).toBe(403);
  await simulator.control('POST', '/rights', { principal: 'owner' });
  expect(await create('allowed')).toBe(202);
  expect(await simulator.control('POST', '/rights', { principal: 'nobody' })).toEqual({
    error: 'setting rights: there is no principal nobody',
  });
});

test('a browser signs in on the control listener, and no code is in the exchanges', async () => {
  const { controlPort, tenantId } = simulator.description;
  const query = new URLSearchParams({
    client_id: 'spec',
    response_type: 'code',
    redirect_uri: 'http://localhost:1/back',
    scope: 'api://keyturn/.default',
    code_challenge: 'proof',
    code_challenge_method: 'S256',
  });
  const place = `http://127.0.0.1:${controlPort}/${tenantId}/oauth2/v2.0/authorize?${query.toString()}`;
  const page = await fetch(place);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('operator@contoso.onmicrosoft.com');
  const back = await fetch(`${place}&sign_in_as=operator`, { redirect: 'manual' });
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  expect(code).toHaveLength(43);
  // The file is written behind the answer.
  const told = await vi.waitFor(() => {
    const text = readFileSync(join(folder, 'exchanges.jsonl'), 'utf8');
    expect(text).toContain('http://localhost:1/back?code=***');
    return text;
  });
  expect(told).not.toContain(code);
});
