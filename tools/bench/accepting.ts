import { join } from 'node:path';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { startChild } from '../processes/child.ts';
import { holdAzure } from '../stack/simulator-control.ts';
import { projectRoot } from '../project.ts';
import { readToolsConfig } from '../config.ts';
import type { Latency, Round, Timed } from './latency.ts';
import { timeCalls, toLatency } from './latency.ts';
import { raw as rawNames } from './raw/names.ts';
import { requestFor } from './requests.ts';
import type { Bench } from './stage.ts';

/** Accepting by the API beside the raw measure, for as many callers. */
export interface Accepting {
  readonly product: Latency;
  readonly raw: Latency;
  /** Median of the product over the median of the raw measure. */
  readonly ratio: number;
}

/** On a busy machine fewer calls are made, so that the run does not last. */
const withinMs = 16_000;

const rounds: readonly Round[] = [
  { callers: 1, calls: 80, withinMs },
  { callers: 10, calls: 160, withinMs },
  { callers: 50, calls: 240, withinMs },
];
/** Each round in so many parts. */
const slices = 4;
const warmUp: Round = { callers: 5, calls: 50, withinMs };

/**
 * Times the acceptance of a request, by turns through the API and raw. Azure is held off meanwhile,
 * so that what was accepted waits and only accepting is measured.
 */
export async function measureAccepting(bench: Bench): Promise<readonly Accepting[]> {
  const worker = await startRawWorker(bench);
  const release = await holdAzure(bench.stack.simulator);
  try {
    const accept = acceptance(bench);
    const acceptRaw = rawAcceptance(bench);
    await timeCalls(warmUp, accept);
    await timeCalls(warmUp, acceptRaw);
    const measured: Accepting[] = [];
    for (const round of rounds) {
      bench.tell(`accepting, ${round.callers} at a time`);
      measured.push(await compare(round, { accept, acceptRaw, signal: bench.signal }));
    }
    return measured;
  } finally {
    await release();
    await worker.kill();
  }
}

interface Compared {
  readonly accept: () => Promise<unknown>;
  readonly acceptRaw: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** In slices by turns: whatever else the machine does then slows both alike. */
async function compare(
  { callers, calls, withinMs: longest }: Round,
  { accept, acceptRaw, signal }: Compared,
): Promise<Accepting> {
  const slice = { callers, calls: calls / slices, withinMs: longest / slices };
  const timed: Record<'raw' | 'product', Timed[]> = { raw: [], product: [] };
  for (let turn = 0; turn < slices; turn += 1) {
    signal.throwIfAborted();
    timed.raw.push(await timeCalls(slice, acceptRaw));
    timed.product.push(await timeCalls(slice, accept));
  }
  const product = toLatency(callers, timed.product);
  const raw = toLatency(callers, timed.raw);
  return { product, raw, ratio: product.medianMs / raw.medianMs };
}

/** One request each for a cluster of its own, as people send it: token, JSON, validation and all. */
function acceptance({ client, stack }: Bench): () => Promise<unknown> {
  let made = 0;
  return async () => {
    made += 1;
    const wanted = { name: `bench-${made}`, planOnly: true };
    return client.provisionCluster(requestFor(stack.simulator, wanted));
  };
}

const rawAcceptance =
  ({ workflows }: Bench) =>
  async (): Promise<unknown> => {
    const id = crypto.randomUUID();
    return workflows.executeUpdateWithStart<RawEntity, string, [string]>(rawNames.ask, {
      args: [`raw-operation/${id}`],
      updateId: id,
      startWorkflowOperation: new WithStartWorkflowOperation<RawEntity>(rawNames.entity, {
        workflowId: `raw/${id}`,
        taskQueue: rawNames.taskQueue,
        args: [],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  };

type RawEntity = () => Promise<void>;

async function startRawWorker({ stack, signal, tell }: Bench) {
  const program = join(projectRoot, 'dist', 'tools', 'bench', 'raw', 'worker.js');
  const worker = startChild({
    name: 'raw worker',
    command: process.execPath,
    args: [program, stack.temporal, stack.namespace],
    env: readToolsConfig().environment,
    isReady: (answer) => typeof answer === 'object' && answer !== null && 'ready' in answer,
    signal,
    log: tell,
  });
  await worker.ready(60_000);
  return worker;
}
