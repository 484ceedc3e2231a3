import {
  ScheduleAlreadyRunning,
  ScheduleClient,
  ScheduleOverlapPolicy,
  type Connection,
  type ScheduleOptions,
} from '@temporalio/client';

/** A workflow that is started again and again, never twice at a time. */
export interface Recurring {
  readonly namespace: string;
  /** Of the schedule, and of the workflows it starts. */
  readonly id: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** 0: only when it is triggered by hand. */
  readonly everyMinutes: number;
}

/** How often a schedule would act, were it not paused. */
const ifByHand = 60;

/** Makes a schedule, or changes it to what the settings say now. */
export async function ensureSchedule(connection: Connection, recurring: Recurring): Promise<void> {
  const { namespace, id, workflowType, taskQueue, everyMinutes } = recurring;
  const schedules = new ScheduleClient({ connection, namespace });
  const wanted: ScheduleOptions = {
    scheduleId: id,
    spec: {
      intervals: [{ every: `${everyMinutes === 0 ? ifByHand : everyMinutes} minutes` }],
      // Installations that share an Azure subscription do not all come at the full hour.
      jitter: '5 minutes',
    },
    action: { type: 'startWorkflow', workflowType, workflowId: id, taskQueue, args: [{}] },
    // A time that was missed is made up by the next one.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    state: { paused: everyMinutes === 0 },
  };
  try {
    await schedules.create(wanted);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await schedules.getHandle(id).update((now) => ({ ...now, ...wanted }));
  }
}
