import { setTimeout } from 'node:timers/promises';
import { clusterWorkflowId, taskQueues } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { workerMemoryMb } from './resident-memory.ts';
import type { Bench } from './stage.ts';

/** Resident memory of the worker as clusters come that nobody asks anything of. */
export interface IdleClusters {
  /** After none, a thousand and two thousand, in MB; empty where `ps` cannot tell. */
  readonly memoryMb: readonly number[];
}

const thousand = 1_000;
const atOnce = 20;
/** The lowest of some looks: what the starting itself took has been given back by one of them. */
const looks = 10;
const lookEveryMs = 1_000;

/**
 * Starts a thousand entities twice, each as it goes on after it continued as new: with a request answered
 * and nothing to do. The worker's cache holds some of them; the others cost it nothing.
 */
export async function measureIdleClusters(bench: Bench): Promise<IdleClusters> {
  const samples = [await settledMemoryMb(bench)];
  for (const batch of [0, 1]) {
    bench.tell(`${(batch + 1) * thousand} idle clusters`);
    await startEntities(bench, batch);
    samples.push(await settledMemoryMb(bench));
  }
  return { memoryMb: samples.filter((sample) => sample !== undefined) };
}

async function settledMemoryMb({ signal }: Bench): Promise<number | undefined> {
  const seen: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await setTimeout(lookEveryMs, undefined, { signal });
    const memoryMb = await workerMemoryMb();
    if (memoryMb !== undefined) seen.push(memoryMb);
  }
  return seen.length === 0 ? undefined : Math.min(...seen);
}

async function startEntities(bench: Bench, batch: number): Promise<void> {
  const left = Array.from({ length: thousand }, (_, index) => `idle-${batch}-${index}`);
  const start = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await startIdle(bench, name);
  };
  await Promise.all(Array.from({ length: atOnce }, start));
}

/** Starts one and waits until it has had its first task. */
async function startIdle({ workflows, stack, signal }: Bench, name: string): Promise<void> {
  const { subscriptionId, resourceGroup } = stack.simulator;
  const id = { subscriptionId, resourceGroup, name };
  const clusterId = formatClusterId(id);
  const carried = {
    cluster: {
      id: clusterId,
      state: 'protected',
      linkedWorkspaces: 3,
      operations: [],
      findings: { top: [], count: 0 },
      deadlines: [],
      seq: 12,
    },
    lane: { fence: 4, queue: [], notBefore: 0 },
    answered: {
      [name]: { ticket: { operationId: name, bodyHash: name }, at: Date.now() },
    },
  };
  const handle = await workflows.start('cluster', {
    workflowId: clusterWorkflowId(id),
    taskQueue: taskQueues.workflows,
    args: [{ clusterId, carried }],
  });
  // Started, task scheduled, task started, task completed.
  while ((await handle.describe()).historyLength < 4) await setTimeout(50, undefined, { signal });
}
