import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { requestFor } from './requests.ts';
import type { Bench } from './stage.ts';

/** Resident memory of the worker while waits last. */
export interface WorkerMemory {
  readonly waits: number;
  readonly seconds: number;
  /** Absent where `ps` cannot tell. */
  readonly firstMb?: number;
  readonly lastMb?: number;
}

/** Four for each region, since a subscription has five places in one. */
const perRegion = 4;
const regions = ['westeurope', 'northeurope', 'eastus', 'eastus2', 'uksouth', 'francecentral'];
const forMs = 30_000;
const sampleEveryMs = 5_000;
const allWaitWithinMs = 60_000;

/** Starts provisions and, once all wait for Azure, looks at the worker's memory for a while. */
export async function measureMemory(bench: Bench): Promise<WorkerMemory> {
  const { stack, client, signal, tell } = bench;
  const wanted = regions.flatMap((region) =>
    Array.from({ length: perRegion }, (_, index) => ({ name: `bench-${region}-${index}`, region })),
  );
  const tickets = await Promise.all(
    wanted.map((each) => client.provisionCluster(requestFor(stack.simulator, each))),
  );
  const ids = tickets.map(({ operationId }) => operationId);
  await untilAllWait(bench, ids);
  tell(`${ids.length} operations wait for Azure`);
  const samples: (number | undefined)[] = [await workerMemoryMb()];
  const startedMs = performance.now();
  while (performance.now() - startedMs < forMs) {
    await setTimeout(sampleEveryMs, undefined, { signal });
    samples.push(await workerMemoryMb());
  }
  const [firstMb, lastMb] = [samples[0], samples.at(-1)];
  return {
    waits: ids.length,
    seconds: (performance.now() - startedMs) / 1000,
    ...(firstMb !== undefined && { firstMb }),
    ...(lastMb !== undefined && { lastMb }),
  };
}

async function untilAllWait({ client, signal }: Bench, ids: readonly string[]): Promise<void> {
  const giveUpAt = Date.now() + allWaitWithinMs;
  const left = new Set(ids);
  while (left.size > 0) {
    for (const id of left) {
      const operation = await client.readOperation(id, signal);
      if (operation.outcome !== undefined)
        throw new Error(`waiting with ${id}: ${operation.outcome.summary}`);
      if (waitsForAzure(operation)) left.delete(id);
    }
    if (Date.now() > giveUpAt)
      throw new Error(`waiting with ${ids.length} operations: ${left.size} do not wait yet`);
    await setTimeout(500, undefined, { signal });
  }
}

const waitsForAzure = ({ steps }: OperationView): boolean =>
  steps.some(({ name, state }) => name === 'cluster' && state === 'waiting');

const run = promisify(execFile);

/** Memory of the worker that is our child, in MB; undefined on a machine without `ps`. */
async function workerMemoryMb(): Promise<number | undefined> {
  const listed = await run('ps', ['-A', '-o', 'ppid=,rss=,args=']).catch(() => undefined);
  const ours = listed?.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .find(([parent, , ...args]) => {
      return Number(parent) === process.pid && args.join(' ').includes('apps/worker/main.js');
    });
  return ours === undefined ? undefined : Number(ours[1]) / 1024;
}
