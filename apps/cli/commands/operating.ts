import type { Command } from 'commander';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { ExitCode } from '../exit-codes.ts';
import { chooseKey } from '../request/request-key.ts';
import type { Session } from '../shell.ts';
import { clusterPathOf } from './cluster.ts';
import { showPlanOf } from './planning.ts';
import type { StartOptions } from './starting.ts';
import { tellStarted, withWatchOptions } from './starting.ts';

/** Options of a command that orders an operation on a cluster. */
export interface OperateOptions extends StartOptions {
  readonly planOnly?: boolean;
  readonly acceptPlan?: string;
}

/** Adds the cluster, and how the operation is planned, repeated and watched. */
export const operatingOn = (command: Command): Command =>
  withWatchOptions(
    command
      .argument('<id>', 'resource id, subscription/group/name, or group/name')
      .option('--plan-only', 'only tell what would be done')
      .option('--accept-plan <hash>', 'carry out this plan, and ask if it is another by now'),
  );

/** Orders an operation that may be wanted many times: each call is a new one, unless it is given a key. */
export const operateAnew = async (
  session: Session,
  asked: { readonly id: string; readonly body: OperationBodyInput },
  options: OperateOptions,
): Promise<ExitCode> => await operate(session, asked, { ...options, again: true });

/** Adds how such an operation is repeated after a lost answer. */
export const withKey = (command: Command): Command =>
  command.option('--idempotency-key <key>', 'repeats the request that was made with it');

/** Orders the operation, or only its plan, and tells how it stands. */
export async function operate(
  session: Session,
  { id, body }: { readonly id: string; readonly body: OperationBodyInput },
  options: OperateOptions,
): Promise<ExitCode> {
  const { client, memory, settings } = session;
  const cluster = clusterPathOf(id, settings.subscription);
  if (options.planOnly === true) {
    const planning = { ...body, planOnly: true };
    return showPlanOf(session, (await client.operateCluster(cluster, planning)).operationId);
  }
  const { acceptPlan, idempotencyKey: key, again } = options;
  const whole = { ...body, ...(acceptPlan !== undefined && { acceptPlan }) };
  const idempotencyKey = chooseKey({ cluster, ...whole }, { key, again }, memory);
  const { operationId } = await client.operateCluster(cluster, whole, { idempotencyKey });
  return tellStarted(session, operationId, options);
}
