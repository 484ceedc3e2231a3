import { AsyncLocalStorage } from 'node:async_hooks';

import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';

import type { Exchange } from '#libs/azure/azure.ts';

import type { RequestTrail } from './request-trail.ts';

/** What one attempt has been answered by Azure. */
const answered = new AsyncLocalStorage<{
  readonly requestIds: string[];
  readonly note: (requestId: string) => void;
}>();

/** Notes a request to Azure for the log of the activity that sent it. */
export function noteForLog({ requestId }: Exchange): void {
  if (requestId !== '') answered.getStore()?.note(requestId);
}

/**
 * Puts the operation's id, the attempt and Azure's request ids on every line an activity logs, the SDK's own
 * lines on failures included, and logs a failure that is expected, which the SDK hides.
 */
export const activityLog =
  (trail: RequestTrail) =>
  ({ info, log }: Context): ActivityInterceptors => {
    const requestIds: string[] = [];
    const workflowId = info.workflowExecution?.workflowId ?? '';
    const note = (requestId: string) => {
      requestIds.push(requestId);
      trail.note(workflowId, requestId, info.attempt);
    };
    return {
      inbound: {
        execute: async (input, next) => {
          try {
            return await answered.run({ requestIds, note }, async () => await next(input));
          } catch (error) {
            if (isWorthALine(error))
              log.info('Activity will be tried again', { type: error.type, reason: error.message });
            throw error;
          }
        },
      },
      outbound: {
        getLogAttributes: (input, next) => {
          // The token would be hidden, and the namespace is the same everywhere.
          const { taskToken: _, namespace: __, ...attributes } = next(input);
          const operationId = operationIdIn(workflowId);
          return {
            ...attributes,
            ...(operationId !== undefined && { operationId }),
            ...(requestIds.length > 0 && { azureRequestIds: requestIds.slice() }),
          };
        },
      },
    };
  };

/** Polls of what still runs are so expected that they would drown everything else. */
const isWorthALine = (error: unknown): error is ApplicationFailure =>
  error instanceof ApplicationFailure &&
  error.category === ApplicationFailureCategory.BENIGN &&
  error.type !== 'StillRunning';

const operationIdIn = (workflowId: string): string | undefined =>
  /^operation\/(?<id>.+)$/u.exec(workflowId)?.groups?.['id'];
