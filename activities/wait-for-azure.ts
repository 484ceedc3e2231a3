import { activityInfo } from '@temporalio/activity';

import type { Azure } from '#libs/azure/azure.ts';

import { callAzure } from './azure-call.ts';
import { again } from './failures.ts';

/** Polls get rarer as an operation ages; Azure's own Retry-After wins. */
const pollIntervalsMs = [
  { youngerThanMs: 2 * 60_000, everyMs: 15_000 },
  { youngerThanMs: 10 * 60_000, everyMs: 30_000 },
  { youngerThanMs: Number.POSITIVE_INFINITY, everyMs: 60_000 },
] as const;
const shortestPollMs = 500;
const longestPollMs = 10 * 60_000;

/** A long operation of Azure to be followed: by its signed URL, kept verbatim, or by looking again later. */
export interface Watched {
  readonly target: string;
  readonly operationUrl?: string;
}

/** How a watched operation ended, as far as its record says; the resource alone decides (R20, R23). */
export interface Ended {
  readonly target: string;
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'unknown';
  readonly code?: string;
  readonly message?: string;
}

/** Follows long operations of Azure by retries of one activity: no history event per poll. */
export function waitForAzureWith(azure: Azure) {
  return async function waitForAzure(watched: readonly Watched[]): Promise<Ended[]> {
    return await callAzure(async (call, attempt) => {
      const ended = [...((attempt.told() ?? []) as Ended[])];
      const open = watched.filter(({ target }) => !ended.some((other) => other.target === target));
      let wait = 0;
      await Promise.all(
        open.map(async ({ target, operationUrl }) => {
          if (operationUrl === undefined) {
            ended.push({ target, state: 'unknown' });
            return;
          }
          const { state, code, message, retryAfterMs } = await azure.longOperation(
            operationUrl,
            call,
          );
          if (state === 'running') {
            wait = Math.max(wait, retryAfterMs ?? pollInterval());
            return;
          }
          ended.push({
            target,
            state,
            ...(code === undefined ? {} : { code }),
            ...(message === undefined ? {} : { message }),
          });
        }),
      );
      attempt.tell(ended);
      if (ended.length === watched.length) return ended;
      throw again(
        'StillRunning',
        `waiting for Azure: ${watched.length - ended.length} running`,
        bounded(wait),
      );
    });
  };
}

function pollInterval(): number {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs, activityId } = activityInfo();
  const age = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  const { everyMs } =
    pollIntervalsMs.find(({ youngerThanMs }) => age < youngerThanMs) ?? pollIntervalsMs[2];
  // Spread by activity, whose ids are numbers, so that many clusters do not poll in step.
  const spread = Number.parseInt(activityId, 10) % 20 || 0;
  return everyMs * (1 + spread / 100);
}

const bounded = (ms: number) => Math.min(Math.max(ms, shortestPollMs), longestPollMs);
