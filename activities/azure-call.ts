import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';

import type { Call } from '#libs/azure/azure.ts';

import { judge } from './failures.ts';

/** How often a running activity says that it lives: a dead worker is noticed after 10 s (proxies.ts). */
const heartbeatIntervalMs = 3_000;

/** What an attempt knows of time and of the attempts before it. */
export interface Attempt {
  /** What was last told to Temporal, by this attempt or one before it. */
  told(): unknown;
  /** Tells Temporal, at once, something the next attempt must know. */
  tell(details: unknown): void;
  /** Workflow time, epoch ms: the scheduled instant of the attempt plus its age, true in virtual time too. */
  now(): number;
}

/**
 * Runs calls to Azure inside an activity: with its cancellation, an id that joins Azure's logs to the
 * history, a sign of life, and every failure sorted by `judge`.
 * @throws ApplicationFailure, final or worth retrying; CancelledFailure
 */
export async function callAzure<T>(deed: (call: Call, attempt: Attempt) => Promise<T>): Promise<T> {
  const info = activityInfo();
  const startedAt = Date.now();
  let told: unknown = info.heartbeatDetails;
  const attempt: Attempt = {
    told: () => told,
    tell: (details) => {
      told = details;
      heartbeat(details);
    },
    now: () => info.currentAttemptScheduledTimestampMs + (Date.now() - startedAt),
  };
  const call: Call = {
    signal: cancellationSignal(),
    clientRequestId: `${info.workflowExecution?.workflowId ?? 'none'}/${info.activityId}/${info.attempt}`,
  };
  const alive = setInterval(() => heartbeat(told), heartbeatIntervalMs);
  try {
    return await deed(call, attempt);
  } catch (error) {
    throw judge(error, info.attempt);
  } finally {
    clearInterval(alive);
  }
}
