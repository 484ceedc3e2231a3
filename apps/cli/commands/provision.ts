import type { Command } from 'commander';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ExitCode } from '../exit-codes.ts';
import { drawApproval, drawAttention, drawOutcome } from '../output/operation-text.ts';
import { drawFields } from '../output/table.ts';
import type { Colours } from '../output/terminal.ts';
import { chooseKey } from '../request/request-key.ts';
import { acting } from '../shell.ts';
import type { Session, Shell } from '../shell.ts';
import { planRequest } from './planning.ts';
import type { RequestOptions } from './request-options.ts';
import { asBody, readRequest, withRequestOptions } from './request-options.ts';
import type { WatchOptions } from './watching.ts';
import { codeOf, watch } from './watching.ts';

interface ProvisionOptions extends RequestOptions, WatchOptions {
  readonly planOnly?: boolean;
  readonly acceptPlan?: string;
  readonly idempotencyKey?: string;
  readonly again?: boolean;
  readonly watch?: boolean;
}

/** `keyturn provision -f FILE` */
export function addProvision(program: Command, shell: Shell): void {
  withRequestOptions(program.command('provision'))
    .summary('provision a cluster under a customer-managed key')
    .description(
      'Provisions a dedicated cluster under a customer-managed key. The same request again is answered with the same operation, so that repeating is safe.',
    )
    .option('--plan-only', 'end after the plan and show it, like keyturn plan')
    .option('--accept-plan <hash>', 'go on only by this plan; another one stops and asks')
    .option('--idempotency-key <key>', 'made of the request if absent')
    .option('--again', 'do not repeat the request made before, make it anew')
    .option('--watch', 'tell what happens until it ends')
    .option('--stay', 'with --watch: go on also while only a person can help')
    .action(acting(shell, provision));
}

async function provision(session: Session, options: ProvisionOptions): Promise<ExitCode> {
  const request = readRequest(session, options);
  if (options.planOnly === true) return planRequest(session, request);
  const { acceptPlan, idempotencyKey: given, again } = options;
  const body = { ...request, ...(acceptPlan !== undefined && { acceptPlan }) };
  const { client, memory, settings, terminal } = session;
  const idempotencyKey = chooseKey(body, { key: given, again }, memory);
  const { operationId } = await client.provisionCluster(asBody(body), { idempotencyKey });
  memory.rememberOperation(settings.api, operationId);
  if (options.watch === true) return watch(session, operationId, options);

  const operation = await client.readOperation(operationId);
  session.show(operation, () => drawFields({ operation: operationId, state: operation.state }));
  terminal.talk(...adviseOn(operation, terminal.colours.talk));
  return codeOf(operation);
}

/** How it goes on, where the request may have been made before. */
function adviseOn(operation: OperationView, colours: Colours): string[] {
  const { id, approval, attention, outcome } = operation;
  if (outcome !== undefined) {
    const repeated = 'This request was answered before; --again makes it anew.';
    return [repeated, ...drawOutcome(outcome, colours)];
  }
  if (approval !== undefined) return drawApproval(id, approval, colours);
  if (attention !== undefined) return drawAttention(id, attention, colours);
  return ['Accepted; it goes on by itself. To see it: keyturn watch'];
}
