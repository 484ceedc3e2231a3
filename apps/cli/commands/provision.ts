import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { chooseKey } from '../request/request-key.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';
import { planRequest } from './planning.ts';
import type { RequestOptions } from './request-options.ts';
import { asBody, readRequest, withRequestOptions } from './request-options.ts';
import type { StartOptions } from './starting.ts';
import { tellStarted, withKeyOptions, withWatchOptions } from './starting.ts';

interface ProvisionOptions extends RequestOptions, StartOptions {
  readonly planOnly?: boolean;
  readonly acceptPlan?: string;
}

/** `keyturn provision -f FILE` */
export function addProvision(program: Command, shell: Shell): void {
  const command = withRequestOptions(program.command('provision'))
    .summary('provision a cluster under a customer-managed key')
    .description(
      'Provisions a dedicated cluster under a customer-managed key. The same request again is answered with the same operation, so that repeating is safe.',
    )
    .option('--plan-only', 'end after the plan and show it, like keyturn plan')
    .option('--accept-plan <hash>', 'go on only by this plan; another one stops and asks');
  withWatchOptions(withKeyOptions(command)).action(acting(shell, provision));
}

async function provision(session: Session, options: ProvisionOptions): Promise<ExitCode> {
  const request = readRequest(session, options);
  if (options.planOnly === true) return planRequest(session, request);
  const { acceptPlan, idempotencyKey: given, again } = options;
  const body = { ...request, ...(acceptPlan !== undefined && { acceptPlan }) };
  const { client, memory } = session;
  const idempotencyKey = chooseKey(body, { key: given, again }, memory);
  const { operationId } = await client.provisionCluster(asBody(body), { idempotencyKey });
  return tellStarted(session, operationId, options);
}
