import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '#libs/client/client.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';
import { createTokenSource } from '../demo/tokens.ts';
import { startStack } from '../stack/stack.ts';
import { measureAccepting } from './accepting.ts';
import { measureGate } from './gate-time.ts';
import { measureIdleClusters } from './idle-clusters.ts';
import { measureProvision } from './provision-cost.ts';
import type { Report } from './report.ts';
import { measureRestart } from './restart.ts';
import { measureReads } from './simulator-reads.ts';
import type { Bench } from './stage.ts';
import { measureMemory } from './worker-memory.ts';

type Listening = Pick<Bench, 'signal' | 'tell'>;

/** A cluster is there in three seconds. */
const quick = 500;
/** Azure's own durations: waits outlast the measure. */
const real = 1;

/**
 * Measures everything, one thing at a time, on stacks of its own on this machine. It takes about five
 * minutes. @throws when something cannot be measured; nothing is left running then
 */
export async function runBench(listening: Listening): Promise<Report> {
  const first = await onStack(quick, listening, async (bench, startToReadySeconds) => {
    bench.tell('provisioning a cluster with three workspaces');
    const provision = await measureProvision(bench);
    const accepting = await measureAccepting(bench);
    bench.tell('killing the worker in the middle of a provision');
    const restart = await measureRestart(bench);
    bench.tell('opening a thousand operations for the replay gate');
    const gate = await measureGate(bench);
    return { startToReadySeconds, provision, accepting, restart, gate };
  });
  const second = await onStack(real, listening, async (bench) => {
    const idleClusters = await measureIdleClusters(bench);
    bench.tell('starting operations that wait');
    return { idleClusters, workerMemory: await measureMemory(bench) };
  });
  listening.tell('reading from a simulator');
  const simulatorReads = await inFolder(async (dataFolder) =>
    measureReads({ dataFolder, signal: listening.signal }),
  );
  const machine = {
    cores: availableParallelism(),
    load: loadavg()[1] ?? 0,
    node: process.versions.node,
  };
  return { machine, ...first, ...second, simulatorReads };
}

/** Works in a folder that goes afterwards. */
async function inFolder<T>(work: (dataFolder: string) => Promise<T>): Promise<T> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  try {
    return await work(dataFolder);
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

type Work<T> = (bench: Bench, startToReadySeconds: number) => Promise<T>;

/** Works on a fresh stack, and takes it down whatever happens. */
async function onStack<T>(pace: number, listening: Listening, work: Work<T>): Promise<T> {
  return inFolder(async (dataFolder) => {
    const { signal, tell } = listening;
    signal.throwIfAborted();
    tell('starting the stack');
    const startedMs = performance.now();
    const stack = await startStack({ dataFolder, pace, signal, log: () => {} });
    const startToReadySeconds = (performance.now() - startedMs) / 1000;
    const { temporal: address, namespace } = stack;
    const connection = createLazyConnection({ address, namespace });
    try {
      const token = createTokenSource(stack.simulator, 'operator');
      const client = createClient({ baseUrl: stack.api, token });
      const workflows = createWorkflowClient({ connection, namespace }, { virtualTime: false });
      const broken = stack.broken.then((reason) => {
        throw reason;
      });
      const bench = { stack, client, workflows, signal, tell };
      return await Promise.race([work(bench, startToReadySeconds), broken]);
    } finally {
      await connection.close();
      // What still waits is not worth its time to drain.
      await stack.worker.kill();
      await stack.stop();
    }
  });
}
