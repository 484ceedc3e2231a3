import { createDial, parseSimulatorFile } from '#libs/dial/dial.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { readToolsConfig } from '../config.ts';
import { createTokenSource } from '../demo/tokens.ts';
import { startChild } from '../processes/child.ts';
import { simulatorProgram } from '../stack/programs.ts';

/** How quickly the simulator answers, and what it keeps of what it has answered. */
export interface SimulatorReads {
  readonly callers: number;
  /** Plain reads for each second of the one core that it uses, whatever else the machine does. */
  readonly perCoreSecond: number;
  /** Plain reads for each second by the clock, its callers on the same machine. */
  readonly perSecond: number;
  /** From a write's request to its answer, journaled, one after the other. */
  readonly msPerWrite: number;
  /** Resident memory after so many exchanges. */
  readonly memory: readonly { readonly exchanges: number; readonly mb: number }[];
}

interface Place {
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

interface Health {
  readonly cpuSeconds: number;
  readonly memoryMb: number;
}

const callers = 16;
const writes = 200;
/** Beyond the first, memory should not grow. */
const samplesAfter = [20_000, 60_000, 100_000];
/** Azure's read limit refills by simulated time, and would be measured otherwise. */
const readsPerTick = 200;

/** Starts a simulator of its own and reads one workspace over and over, as an owner of the subscription. */
export async function measureReads({ dataFolder, signal }: Place): Promise<SimulatorReads> {
  const { environment } = readToolsConfig();
  const usual = {
    pace: 1,
    virtualTime: true,
    apiPort: 0,
    rules: 'current',
    namespace: '',
  } as const;
  const child = startChild({
    ...simulatorProgram({ ...usual, dataFolder, environment }),
    command: process.execPath,
    isReady: (answer) => typeof answer === 'object' && answer !== null && 'controlPort' in answer,
    signal,
    log: () => {},
  });
  try {
    const simulator = parseSimulatorFile(JSON.stringify(await child.ready(30_000)));
    return await measure(simulator, signal);
  } finally {
    await child.kill();
  }
}

async function measure(simulator: SimulatorFile, signal: AbortSignal): Promise<SimulatorReads> {
  const { read, write } = await callerOf(simulator, signal);
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${simulator.controlPort}/health`, { signal });
    return (await answer.json()) as Health;
  };
  // Connections are made, and the code is compiled, before the clock starts.
  await readTimes(read, 1000);
  let exchanges = 1000;
  const before = await health();
  const startedMs = performance.now();
  const memory: { exchanges: number; mb: number }[] = [];
  for (const until of samplesAfter) {
    await readTimes(read, until - exchanges);
    exchanges = until;
    memory.push({ exchanges, mb: (await health()).memoryMb });
  }
  const reads = exchanges - 1000;
  const seconds = (performance.now() - startedMs) / 1000;
  const { cpuSeconds } = await health();
  const writingMs = performance.now();
  for (let count = 0; count < writes; count += 1) await write(count);
  return {
    callers,
    perCoreSecond: reads / (cpuSeconds - before.cpuSeconds),
    perSecond: reads / seconds,
    msPerWrite: (performance.now() - writingMs) / writes,
    memory,
  };
}

async function callerOf(simulator: SimulatorFile, signal: AbortSignal) {
  const token = await createTokenSource(simulator, 'owner', 'https://management.azure.com')();
  const { fetch } = createDial(simulator);
  const { subscriptionId, resourceGroup } = simulator;
  const id = formatWorkspaceId({ subscriptionId, resourceGroup, name: 'ws-audit' });
  const url = `https://management.azure.com${id}?api-version=2023-09-01`;
  let now = Date.now();
  let reads = 0;
  const ask = async (init: { method: string; ticks: boolean; body?: string }) => {
    const { method, ticks, body } = init;
    if (ticks) now += 1000 * readsPerTick;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(ticks && { 'x-simulated-time': String(now) }),
      },
      ...(body !== undefined && { body }),
      signal,
    });
    if (!response.ok) throw new Error(`asking for ${id}: status ${response.status}`);
    await response.arrayBuffer();
  };
  return {
    read: async () => ask({ method: 'GET', ticks: reads++ % readsPerTick === 0 }),
    write: async (count: number) =>
      ask({
        method: 'PATCH',
        ticks: count % 100 === 0,
        body: JSON.stringify({ tags: { count: String(count) } }),
      }),
  };
}

async function readTimes(read: () => Promise<void>, times: number): Promise<void> {
  let left = times;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await read();
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
