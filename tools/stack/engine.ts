/** The stack's Temporal, spoken to behind the product's back. */
import { setTimeout } from 'node:timers/promises';
import { ScheduleClient, ScheduleOverlapPolicy, type WorkflowClient } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { inspectAllId } from '#libs/contracts/temporal.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';
import type { Stack } from './stack.ts';

type Engine = Pick<Stack, 'temporal' | 'namespace'>;

/** Lends a client. */
export async function withEngine<T>(
  { temporal: address, namespace }: Engine,
  use: (client: WorkflowClient) => Promise<T>,
): Promise<T> {
  const connection = createLazyConnection({ address, namespace });
  try {
    return await use(createWorkflowClient({ connection, namespace }, { virtualTime: false }));
  } finally {
    await connection.close();
  }
}

/** Lets a workflow that was started in real time jump over its waits from now on. */
export const letTimeFly = async (engine: Engine, workflowId: string): Promise<void> =>
  skipTime(engine, workflowId, { maxSessionSkipCount: 100_000 });

/** Lets so much of a workflow's time pass at once, as far as it waits; then it goes on in real time. */
export const letTimePass = async (
  engine: Engine,
  workflowId: string,
  milliseconds: number,
): Promise<void> =>
  skipTime(engine, workflowId, {
    fastForwardConfig: { id: crypto.randomUUID(), duration: msNumberToTs(milliseconds) },
  });

async function skipTime(engine: Engine, workflowId: string, how: object): Promise<void> {
  await withEngine(engine, async (client) => {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: engine.namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true, ...how } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  });
}

/** An inspection of every cluster that has ended. */
interface Inspected {
  readonly workflowId: string;
  readonly runId: string;
  readonly result: {
    readonly inspected: number;
    readonly changed: number;
    readonly followed: number;
    readonly unread: number;
  };
}

/**
 * Inspects every cluster now instead of at the next hour; answers what came of it.
 * @throws when the inspection fails
 */
export async function inspectNow(engine: Engine): Promise<Inspected> {
  return await withEngine(engine, async (client) => {
    const schedules = new ScheduleClient({
      connection: client.connection,
      namespace: engine.namespace,
    });
    const schedule = schedules.getHandle(inspectAllId);
    const before = (await schedule.describe()).info.numActionsTaken;
    await schedule.trigger(ScheduleOverlapPolicy.ALLOW_ALL);
    for (;;) {
      const { numActionsTaken, recentActions } = (await schedule.describe()).info;
      const workflow = numActionsTaken > before ? recentActions.at(-1)?.action.workflow : undefined;
      if (workflow !== undefined) {
        const { workflowId, firstExecutionRunId: runId } = workflow;
        const handle = client.getHandle(workflowId, runId);
        return { workflowId, runId, result: (await handle.result()) as Inspected['result'] };
      }
      await setTimeout(50);
    }
  });
}

/** How many tasks of a workflow each build has done, by the hash of its bundle, in order of their first. */
export async function tasksByBuild(
  engine: Engine,
  workflowId: string,
): Promise<ReadonlyMap<string, number>> {
  const { events } = await withEngine(engine, async (client) =>
    client.getHandle(workflowId).fetchHistory(),
  );
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: completed }) =>
    // The SDK names a build by its own version and the bundle's hash.
    completed ? [completed.workerVersion?.buildId?.split('+').at(-1) ?? 'unknown'] : [],
  );
  return new Map(
    [...Map.groupBy(builds, (build) => build)].map(([build, all]) => [build, all.length]),
  );
}
