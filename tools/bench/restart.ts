import { setTimeout } from 'node:timers/promises';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { requestFor } from './requests.ts';
import type { Bench } from './stage.ts';

/** How long a killed worker is missed, from the moment it is started again. */
export interface Restart {
  readonly readySeconds: number;
  /** Until an operation that was at work when it was killed has gone on. */
  readonly progressSeconds: number;
}

const quicklyMs = 25;

/** Kills the worker in the middle of a provision and starts it again. */
export async function measureRestart(bench: Bench): Promise<Restart> {
  const { client, stack, workflows, signal } = bench;
  const { operationId } = await client.provisionCluster(
    requestFor(stack.simulator, { name: 'bench-restart' }),
  );
  const handle = workflows.getHandle(operationWorkflowId(operationId));
  const events = async () => (await handle.describe()).historyLength;
  const untilMoreThan = async (known: number) => {
    while ((await events()) <= known) await setTimeout(quicklyMs, undefined, { signal });
  };
  // Past its plan, before its end.
  await untilMoreThan(30);
  await stack.worker.kill();
  const known = await events();
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  const ready = stack.worker.start().then(seconds);
  const progressSeconds = await untilMoreThan(known).then(seconds);
  return { readySeconds: await ready, progressSeconds };
}
