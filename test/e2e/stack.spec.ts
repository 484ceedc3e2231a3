import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { parseSimulatorFile } from '#libs/dial/dial.ts';
import { readToolsConfig } from '../../tools/config.ts';
import { projectRoot } from '../../tools/project.ts';

/** The stack as people start it, on the run's Temporal. */
function startStackProcess(dataFolder: string, environment: NodeJS.ProcessEnv) {
  const program = join(projectRoot, 'dist', 'tools', 'stack', 'main.js');
  const running = spawn(process.execPath, [program, '--data', dataFolder], {
    // Where CI is set, colours are on even without a terminal, and would stand before the prefix.
    env: { ...readToolsConfig().environment, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  createInterface({ input: running.stderr }).on('line', (line) => log.push(line));
  const lines = createInterface({ input: running.stdout });
  return { running, log, firstLine: once(lines, 'line').then(([line]) => String(line)) };
}

/** The child of a process that runs a program; Linux only, like the servers this runs on. */
async function findChild(parent: number, program: string): Promise<number> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const pid of children.trim().split(' ')) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (commandLine.includes(program)) return Number(pid);
  }
  throw new Error(`finding a child of ${parent}: none runs ${program}`);
}

async function isRefused(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (!answered) return true;
    await setTimeout(100);
  }
  return false;
}

describe('the stack', () => {
  let dataFolder: string;
  let temporal: NodeJS.ProcessEnv;
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-stack-'));
    temporal = { TEMPORAL_ADDRESS: inject('temporalAddress') };
  });
  afterEach(async () => {
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('says in one line of JSON where everything is', async () => {
    const { running, log, firstLine } = startStackProcess(dataFolder, temporal);
    const said = JSON.parse(await firstLine) as Record<string, unknown>;
    expect(Object.keys(said)).toEqual([
      'api',
      'console',
      'temporal',
      'ledger',
      'simulator',
      'workerMetrics',
    ]);
    const kept = await readFile(join(dataFolder, 'simulator', 'simulator.json'), 'utf8');
    expect(parseSimulatorFile(JSON.stringify(said['simulator']))).toEqual(parseSimulatorFile(kept));
    const ready = await fetch(`${String(said['api'])}/health/ready`);
    expect(ready.status).toBe(200);
    expect(log.some((line) => /^worker +\| /u.test(line))).toBe(true);
    running.kill('SIGTERM');
    expect(await once(running, 'close')).toEqual([0, null]);
    expect(await isRefused(String(said['api']))).toBe(true);
  });

  it('takes everything along when it is killed', async () => {
    const { running, firstLine } = startStackProcess(dataFolder, temporal);
    const { api, simulator } = JSON.parse(await firstLine) as {
      api: string;
      simulator: { controlPort: number };
    };
    running.kill('SIGKILL');
    expect(await isRefused(api)).toBe(true);
    expect(await isRefused(`http://127.0.0.1:${simulator.controlPort}/health`)).toBe(true);
  });

  it('ends with the reason when one of its processes ends', async () => {
    const { running, log, firstLine } = startStackProcess(dataFolder, temporal);
    await firstLine;
    process.kill(await findChild(running.pid ?? 0, 'apps/simulator/main.js'), 'SIGKILL');
    expect(await once(running, 'close')).toEqual([1, null]);
    expect(log.join('\n')).toContain('Stopped the stack: the simulator ended by SIGKILL');
  });

  it('refuses a second stack on the same data', async () => {
    const first = startStackProcess(dataFolder, temporal);
    await first.firstLine;
    const second = startStackProcess(dataFolder, temporal);
    expect(await once(second.running, 'close')).toEqual([1, null]);
    expect(second.log.join('\n')).toContain(`Another stack (process ${first.running.pid}) uses`);
    first.running.kill('SIGTERM');
    await once(first.running, 'exit');
  });
});
