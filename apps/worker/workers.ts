import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';

import type { AzureActivities, KeyEntityActivities, LedgerActivities } from '#activities/index.ts';
import { taskQueues } from '#libs/contracts/temporal.ts';
import { toConnectionOptions } from '#libs/temporal/connection.ts';
import { toTemporalSettings } from '#libs/temporal/environment.ts';

import { activityLog } from './activity-log.ts';
import type { WorkerConfig } from './config.ts';
import type { RequestTrail } from './request-trail.ts';

/** Longer than a request to Azure may take, so that a deed in flight ends by itself. */
const drainMs = 90_000;

/** Idle entities are evicted, and replayed when they are asked: memory stays flat as the fleet grows. */
const cachedWorkflows = 200;

interface Deeds {
  /** Path of the workflow bundle. */
  readonly bundle: string;
  readonly azure: AzureActivities;
  readonly ledger: LedgerActivities;
  readonly keys: KeyEntityActivities;
  /** Azure's request ids by operation, for the log. */
  readonly trail: RequestTrail;
}

export interface Workers {
  /** Takes no new work and lets what is in flight end. */
  drain(): void;
  /** Settles when both workers have ended; rejects when one of them broke. */
  readonly ended: Promise<void>;
}

/** Starts the two workers of the process: workflows with the ledger, and the deeds in Azure. */
export async function startWorkers(config: WorkerConfig, deeds: Deeds): Promise<Workers> {
  const temporal = toTemporalSettings(config);
  const connection = await NativeConnection.connect(toConnectionOptions(temporal));
  const common: Pick<
    WorkerOptions,
    'connection' | 'namespace' | 'shutdownGraceTime' | 'maxHeartbeatThrottleInterval'
  > = {
    connection,
    namespace: temporal.namespace,
    shutdownGraceTime: drainMs,
    // What a deed tells before it sends must not be held back (send-once.ts).
    maxHeartbeatThrottleInterval: '1 second',
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: taskQueues.workflows,
      workflowBundle: { codePath: deeds.bundle },
      activities: { ...deeds.ledger, ...deeds.keys },
      maxCachedWorkflows: cachedWorkflows,
      // A killed worker's cache is given up after a second instead of ten.
      stickyQueueScheduleToStartTimeout: '1 second',
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.azure,
      activities: deeds.azure,
      interceptors: { activity: [activityLog(deeds.trail)] },
    }),
  ]);
  const runs = workers.map(async (worker) => await worker.run());
  return {
    drain() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
    ended: Promise.all(runs).then(async () => await connection.close()),
  };
}
