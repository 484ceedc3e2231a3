import { setTimeout } from 'node:timers/promises';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { requestFor } from './requests.ts';
import { workerMemoryMb } from './resident-memory.ts';
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
