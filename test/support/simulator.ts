/** The simulator as its users meet it: a process of its own, on free ports, with a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseSimulatorFile, type SimulatorFile } from '#libs/dial/dial.ts';
import { requirePublishedShapes } from './published-schemas.ts';

export interface SimulatorOptions {
  /** A folder to keep; without it a temporary one is made, and removed by `stop`. */
  data?: string;
  clock?: 'real' | 'manual' | 'follow';
  /** Divides the durations of Azure's work. */
  pace?: number;
  rules?: 'current' | '2021';
  seed?: string;
  /** Whether running answers say how long to wait. */
  retryAfter?: boolean;
  /** Ports of a simulator that ran before, for a restart that its clients can find again. */
  ports?: Pick<SimulatorFile, 'httpsPort' | 'proxyPort' | 'controlPort'>;
}

export interface RunningSimulator {
  file: SimulatorFile;
  /** The data folder, where `simulator.json` and the journal are. */
  data: string;
  /** Asks the control listener, e.g. `control('/clock')`; throws when the answer is no 2xx. */
  control(path: string, init?: RequestInit): Promise<Response>;
  /** Moves a manual clock; resolves when every effect that became due is applied. */
  advance(seconds: number): Promise<void>;
  /** Ends the process at once, as a crash would, and leaves the data folder. */
  kill(): Promise<void>;
  /** Ends it. Where the published schemas are at hand, throws if an exchange is not as they say. */
  stop(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');
const readyWithinMs = 60_000;
const stopsWithinMs = 5000;

/** Starts `apps/simulator` and waits for its ready line; throws with its own words when it ends before. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const data = options.data ?? (await mkdtemp(path.join(tmpdir(), 'keyturn-simulator-')));
  const main = path.join(root, 'apps/simulator/main.ts');
  const child = spawn(
    process.execPath,
    ['-C', 'development', '--disable-warning=ExperimentalWarning', main, ...flags(options, data)],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    process.removeListener('exit', killWithUs);
    await endProcess(child, signal);
  };
  const file = await readyLine(child).catch(async (error: unknown) => {
    await end('SIGKILL');
    throw error;
  });
  const control = (resource: string, init?: RequestInit) =>
    askControl(`http://127.0.0.1:${file.controlPort}${resource}`, init);
  return {
    file,
    data,
    control,
    async advance(seconds) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
      await control('/clock/advance', { ...init, body: JSON.stringify({ seconds }) });
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      await requirePublishedShapes(path.join(data, 'exchanges.jsonl'));
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

function flags(options: SimulatorOptions, data: string): string[] {
  const { clock, pace, rules, seed, ports } = options;
  const pairs: Record<string, string | number | undefined> = {
    '--data': data,
    '--https-port': ports?.httpsPort ?? 0,
    '--proxy-port': ports?.proxyPort ?? 0,
    '--control-port': ports?.controlPort ?? 0,
    '--clock': clock,
    '--pace': pace,
    '--rules': rules,
    '--seed': seed,
  };
  return [
    ...Object.entries(pairs).flatMap(([flag, value]) =>
      value === undefined ? [] : [flag, String(value)],
    ),
    ...(options.retryAfter === true ? ['--retry-after'] : []),
  ];
}

async function readyLine(child: ChildProcess): Promise<SimulatorFile> {
  if (child.stdout === null || child.stderr === null) throw new Error('starting the simulator');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout });
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(readyWithinMs)]);
  try {
    const ended = once(child, 'exit', { signal }).then((): [string] => {
      throw new Error('it ended before it was ready');
    });
    const [line] = (await Promise.race([once(lines, 'line', { signal }), ended])) as [string];
    return parseSimulatorFile(line);
  } catch (error) {
    throw new Error(`starting the simulator: ${String(error)}\n${said}`, { cause: error });
  } finally {
    waiting.abort();
    child.stdout.resume();
  }
}

async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopsWithinMs);
  await ended;
  clearTimeout(timer);
}

async function askControl(url: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`asking ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
