import { MockActivityEnvironment } from '@temporalio/testing';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  type LogMetadata,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';

import { activityLog, noteForLog } from './activity-log.ts';
import { RequestTrail } from './request-trail.ts';

/** Runs a deed as the second attempt of an operation's activity; gives back what was logged from info up. */
async function logOf(deed: () => Promise<void>) {
  const lines: { level: string; message: string; meta: LogMetadata }[] = [];
  const log = (level: string, message: string, meta: LogMetadata = {}) =>
    void lines.push({ level, message, meta });
  const at = (level: string) => (message: string, meta?: LogMetadata) => log(level, message, meta);
  const logger = {
    log,
    trace: () => {},
    debug: () => {},
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
  };
  const trail = new RequestTrail();
  const workflowExecution = { workflowId: 'operation/o-1', runId: 'r-1' };
  const environment = new MockActivityEnvironment(
    { attempt: 2, inWorkflow: true, workflowExecution, activityType: 'ensureVault' },
    { logger, interceptors: [activityLog(trail)] },
  );
  await environment.run(deed).catch(() => {});
  return { lines, trail };
}

const answered = (requestId: string) =>
  noteForLog({ method: 'GET', url: 'https://x', status: 200, requestId, seconds: 0 });

const about = {
  operationId: 'o-1',
  workflowId: 'operation/o-1',
  attempt: 2,
  activityType: 'ensureVault',
};

describe('the log of activities', () => {
  it('has a failure with its operation, attempt and the ids of its requests', async () => {
    const { lines, trail } = await logOf(async () => {
      answered('azure-1');
      answered('');
      throw new Error('broken');
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'WARN',
      message: 'Activity failed',
      meta: { ...about, azureRequestIds: ['azure-1'] },
    });
    expect(lines[0]?.meta).not.toHaveProperty('taskToken');
    expect(trail.take('operation/o-1')).toEqual({ azureRequestIds: ['azure-1'], attempt: 2 });
  });

  const expected = (type: string) =>
    ApplicationFailure.create({
      type,
      message: 'not yet',
      category: ApplicationFailureCategory.BENIGN,
    });

  it('has a failure that is expected, quietly', async () => {
    const { lines } = await logOf(() => Promise.reject(expected('Busy')));
    expect(lines).toMatchObject([
      {
        level: 'INFO',
        message: 'Activity will be tried again',
        meta: { ...about, type: 'Busy', reason: 'not yet' },
      },
    ]);
  });

  it('has no line for each poll of what still runs, nor for what succeeds', async () => {
    expect((await logOf(() => Promise.reject(expected('StillRunning')))).lines).toEqual([]);
    expect((await logOf(async () => answered('azure-1'))).lines).toEqual([]);
  });

  it('takes no id outside of an activity', () => {
    expect(() => answered('azure-1')).not.toThrow();
  });
});
