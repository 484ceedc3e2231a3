import {
  ScheduleAlreadyRunning,
  ScheduleClient,
  ScheduleOverlapPolicy,
  type Connection,
  type ScheduleOptions,
} from '@temporalio/client';

import { inspectAllId, taskQueues } from '#libs/contracts/temporal.ts';

interface Inspections {
  readonly namespace: string;
  /** 0: only by hand. */
  readonly everyMinutes: number;
}

/** How often the schedule would act, were it not paused. */
const ifByHand = 60;

/**
 * Makes the one schedule that inspects every cluster, or changes it to what the settings say now. What clusters there
 * are is asked each time it acts, so that none has to be added to it or taken from it.
 */
export async function scheduleInspections(
  connection: Connection,
  { namespace, everyMinutes }: Inspections,
): Promise<void> {
  const schedules = new ScheduleClient({ connection, namespace });
  const wanted: ScheduleOptions = {
    scheduleId: inspectAllId,
    spec: {
      intervals: [{ every: `${everyMinutes === 0 ? ifByHand : everyMinutes} minutes` }],
      // Installations that share an Azure subscription do not all come at the full hour.
      jitter: '5 minutes',
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'inspectAll',
      workflowId: inspectAllId,
      taskQueue: taskQueues.workflows,
      args: [{}],
    },
    // An hour that was missed is made up by the next one.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    state: { paused: everyMinutes === 0 },
  };
  try {
    await schedules.create(wanted);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await schedules.getHandle(inspectAllId).update((now) => ({ ...now, ...wanted }));
  }
}
