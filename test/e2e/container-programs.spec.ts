import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readToolsConfig } from '../../tools/config.ts';
import { startChild } from '../../tools/processes/child.ts';
import { projectRoot } from '../../tools/project.ts';
import { startSimulator, type RunningSimulator } from '../support/simulator.ts';

/** What docker-compose.yml runs beside the applications themselves. */
const program = (name: string): string => join(projectRoot, 'dist', 'tools', name, 'main.js');
const run = promisify(execFile);

let simulator: RunningSimulator;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'keyturn-container-'));
  env = {
    PATH: readToolsConfig().path,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: `test-${crypto.randomUUID()}`,
    KEYTURN_SIMULATOR: join(simulator.data, 'simulator.json'),
    KEYTURN_LEDGER: join(folder, 'ledger.db'),
  };
});

afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Exit code of a program that ends by itself. */
const codeOf = async (name: string): Promise<number | null> =>
  run(process.execPath, [program(name)], { env }).then(
    () => 0,
    (error: { code?: number }) => error.code ?? null,
  );

it('makes the namespace, starts a worker with the rights of the simulator, and finds it polling', async () => {
  expect(await codeOf('polling')).toBe(1);
  expect(await codeOf('namespace')).toBe(0);
  // Again, as when everything is started a second time.
  expect(await codeOf('namespace')).toBe(0);
  expect(await codeOf('polling')).toBe(1);
  const worker = startChild({
    name: 'worker',
    command: process.execPath,
    args: [program('simulated-worker')],
    env,
    isReady: (answer) => typeof answer === 'object' && answer !== null && 'ready' in answer,
    log: () => {},
  });
  try {
    expect(await worker.ready(30_000)).toMatchObject({ ready: true });
    await expect.poll(() => codeOf('polling'), { timeout: 20_000, interval: 500 }).toBe(0);
  } finally {
    await worker.stop(10_000);
  }
});

it('says what is missing when there is no simulator', async () => {
  const without = { ...env, KEYTURN_SIMULATOR: '/nowhere/simulator.json' };
  const ended = run(process.execPath, [program('simulated-worker')], { env: without });
  await expect(ended).rejects.toThrow('starting the worker for the simulator');
});
