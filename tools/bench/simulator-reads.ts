import { createDial, parseSimulatorFile } from '#libs/dial/dial.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { readToolsConfig } from '../config.ts';
import { createTokenSource } from '../demo/tokens.ts';
import { startChild } from '../processes/child.ts';
import { simulatorProgram } from '../stack/programs.ts';

/** How quickly the simulator answers reads, on the one core that it uses. */
export interface SimulatorReads {
  readonly seconds: number;
  readonly callers: number;
  readonly perSecond: number;
}

interface Place {
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

const callers = 16;
const forMs = 5_000;

/** Starts a simulator of its own and reads one workspace over and over, as an owner of the subscription. */
export async function measureReads({ dataFolder, signal }: Place): Promise<SimulatorReads> {
  const { environment } = readToolsConfig();
  // The clock that follows requests refills Azure's read limits, which would be measured otherwise.
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
    return await countReads(await readerOf(simulator, signal));
  } finally {
    await child.kill();
  }
}

async function readerOf(simulator: SimulatorFile, signal: AbortSignal) {
  const token = await createTokenSource(simulator, 'owner', 'https://management.azure.com')();
  const { fetch } = createDial(simulator);
  const { subscriptionId, resourceGroup } = simulator;
  const id = formatWorkspaceId({ subscriptionId, resourceGroup, name: 'ws-audit' });
  const url = `https://management.azure.com${id}?api-version=2023-09-01`;
  let now = Date.now();
  return async () => {
    now += 1000;
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, 'x-simulated-time': String(now) },
      signal,
    });
    if (!response.ok) throw new Error(`reading ${id}: status ${response.status}`);
    await response.arrayBuffer();
  };
}

async function countReads(read: () => Promise<void>): Promise<SimulatorReads> {
  // Connections are made, and the code is compiled, before the clock starts.
  await Promise.all(Array.from({ length: callers }, read));
  let reads = 0;
  const startedMs = performance.now();
  const caller = async () => {
    while (performance.now() - startedMs < forMs) {
      await read();
      reads += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, callers, perSecond: reads / seconds };
}
