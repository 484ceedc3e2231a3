import { hostname } from 'node:os';
// The package is CommonJS whose names Node cannot see: only its default import works outside a bundler.
import proto from '@temporalio/proto';
import { taskQueues } from '#libs/contracts/temporal.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { readToolsConfig } from '../config.ts';

/** A poll is answered or given up within a minute. */
const pollsWithinMs = 120_000;
const deadlineMs = 5_000;

/**
 * Whether a worker of this host asks Temporal for work: the health of a process that has no port. Exits
 * with 0 if so.
 */
async function main(): Promise<boolean> {
  const { temporalAddress: address = '', environment } = readToolsConfig();
  const namespace = environment['TEMPORAL_NAMESPACE'] ?? 'keyturn';
  const connection = createLazyConnection({ address, namespace });
  try {
    const { pollers } = await connection.withDeadline(Date.now() + deadlineMs, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueues.workflows },
        taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      }),
    );
    // The SDK calls a worker PID@HOST.
    return (pollers ?? []).some(
      ({ identity, lastAccessTime }) =>
        identity?.endsWith(`@${hostname()}`) === true &&
        Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < pollsWithinMs,
    );
  } finally {
    await connection.close();
  }
}

try {
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
