import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startProcess, type SimulatorProcess } from './spec-process.ts';

/** A busy machine takes its time to begin. */
const patience = { timeout: 15_000 };

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

function cluster(name: string): string {
  const { subscriptionId } = simulator.description;
  return `/subscriptions/${subscriptionId}/resourcegroups/rg-logs/providers/Microsoft.OperationalInsights/clusters/${name}?api-version=2025-07-01`;
}

const create = async (name: string) =>
  await simulator.arm('PUT', cluster(name), {
    location: 'westeurope',
    sku: { name: 'CapacityReservation', capacity: 500 },
    identity: { type: 'SystemAssigned' },
  });

const read = async (name: string) => (await simulator.arm('GET', cluster(name))).status;

async function hold(when: 'before' | 'after'): Promise<string> {
  const action = { kind: 'hold', when };
  const rule = await simulator.control('POST', '/faults', { method: 'PUT', count: 1, action });
  return (rule as { id: string }).id;
}

const release = async (id: string) => await simulator.control('DELETE', `/faults?id=${id}`);

test('a request is held back until the rule is deleted', async () => {
  const rule = await hold('before');
  const late = create('late');
  await vi.waitFor(
    async () => expect(await simulator.control('GET', '/faults')).toMatchObject([{ applied: 1 }]),
    patience,
  );
  expect(await read('late')).toBe(404);
  await release(rule);
  expect(await late).toMatchObject({ status: 202 });
  expect(await read('late')).toBe(200);
});

test('an answer is held back until the rule is deleted', async () => {
  const rule = await hold('after');
  let isAnswered = false;
  const unheard = create('unheard').finally(() => (isAnswered = true));
  await vi.waitFor(async () => expect(await read('unheard')).toBe(200), patience);
  expect(isAnswered).toBe(false);
  await release(rule);
  expect(await unheard).toMatchObject({ status: 202 });
});
