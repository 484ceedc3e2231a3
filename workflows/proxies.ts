import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

import type { AzureActivities, KeyEntityActivities, LedgerActivities } from '#activities/index.ts';
import { taskQueues } from '#libs/contracts/temporal.ts';

/**
 * A deed is a handful of requests of at most a minute each; a worker that died is noticed by its missing
 * heartbeat. What cannot be done within a day of trying becomes a person's matter.
 */
export const azure = proxyActivities<AzureActivities>({
  taskQueue: taskQueues.azure,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Polls for at most four hours (C12); what then still runs is looked at and watched on. */
export const polling = proxyActivities<Pick<AzureActivities, 'waitForAzure'>>({
  taskQueue: taskQueues.azure,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  scheduleToCloseTimeout: '4 hours',
  retry: { initialInterval: '5 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** A page of clusters, some of which may not answer within their deadlines; the next hour comes anyway. */
export const rounds = proxyActivities<Pick<AzureActivities, 'inspectPage' | 'tellNews'>>({
  taskQueue: taskQueues.azure,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '10 seconds',
  scheduleToCloseTimeout: '45 minutes',
  retry: { initialInterval: '5 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** The ledger beside the worker: no round trip, one marker; three tries in five seconds. */
export const ledgerAtHand = proxyLocalActivities<LedgerActivities>({
  startToCloseTimeout: '2 seconds',
  scheduleToCloseTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumAttempts: 3 },
});

/** The ledger for as long as it takes: nothing goes on unrecorded. */
export const ledgerPatiently = proxyActivities<LedgerActivities>({
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Messages to the entities of keys, from beside the worker: no round trip, one marker; tried until they arrive. */
export const keys = proxyLocalActivities<KeyEntityActivities>({
  startToCloseTimeout: '5 seconds',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
});
