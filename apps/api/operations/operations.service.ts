import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowClient } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type {
  OperationList,
  OperationQuery,
  OperationView,
} from '#libs/contracts/http/operation-views.ts';
import { toOperationView } from '#libs/contracts/http/operation-views.ts';
import type { Answer, Resolution } from '#libs/contracts/temporal.ts';
import { clusterWorkflowId, messages, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { Operation } from '#libs/domain/operation.ts';
import { foldOperation } from '#libs/domain/operation-stream.ts';
import type { LedgerReader } from '#libs/ledger/ledger.ts';
import { listExecutions, quoted, readExecution } from '#libs/temporal/executions.ts';
import { callEngine, readEngine } from '../engine/call-engine.ts';
import { workflowClient } from '../engine/engine.module.ts';
import { inReach } from '../engine/reach.ts';
import { answerIdOf } from '../engine/request-ids.ts';
import type { Sender } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';
import { ledgerReader } from '../ledger/ledger.module.ts';
import { requireApprovalRight, subscriptionOf } from './approval-right.ts';

/** A person's answer to an operation. */
export interface OperationAnswer {
  readonly action: 'approve' | 'reject' | 'resume' | 'cancel';
  readonly id: string;
  readonly body: { readonly planHash?: string | undefined; readonly reason?: string | undefined };
  readonly sender: Sender;
}

/** A fresh operation writes its card with its first task, which takes milliseconds. */
const cardRetryAfterSeconds = 1;

/** Operations: reads them from their card, brings people's answers to them. */
@Injectable()
export class OperationsService {
  constructor(
    @Inject(workflowClient) private readonly client: WorkflowClient,
    @Inject(ledgerReader) private readonly ledger: LedgerReader,
  ) {}

  /** Reads one operation. Throws `operation_unknown`. */
  async read(id: string, caller: Caller): Promise<OperationView> {
    const operation = await this.card(id);
    requireRole(caller, ['reader'], subscriptionOf(operation));
    return toOperationView(operation);
  }

  /** Lists operations, one page at a time, running ones first. */
  async list(query: OperationQuery, caller: Caller): Promise<OperationList> {
    const { cursor, limit } = query;
    const page = await readEngine(this.client, () =>
      listExecutions<Operation>(this.client, {
        query: toVisibilityQuery(query, caller),
        pageSize: limit,
        ...(cursor !== undefined && { cursor }),
      }),
    );
    const items = page.items.flatMap(({ card }) =>
      card === undefined ? [] : toOperationView(card),
    );
    return page.next === undefined ? { items } : { items, next: page.next };
  }

  /** Brings an answer to the operation, which accepts or refuses it, and reads the operation again. */
  async answer(answer: OperationAnswer): Promise<OperationView> {
    const { action, id } = answer;
    const { caller, requestKey } = answer.sender;
    const operation = await this.card(id);
    if (action === 'approve') requireApprovalRight(operation, caller);
    else if (action === 'reject')
      requireRole(caller, ['operator', 'approver'], subscriptionOf(operation));
    else requireRole(caller, ['operator'], subscriptionOf(operation));

    const handle = this.client.getHandle(operationWorkflowId(id));
    const updateId = answerIdOf(caller, requestKey, action);
    const args: [Answer | Resolution] = [toMessage(answer)];
    try {
      await callEngine(this.client, handle.workflowId, () =>
        handle.executeUpdate<unknown, [Answer | Resolution]>(messages[action], { args, updateId }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new Refused({ code: 'not_waiting_for_that', reason: `operation ${id} has ended` });
    }
    return this.read(id, caller);
  }

  private async card(id: string): Promise<Operation> {
    const shown = await readEngine(this.client, () =>
      readExecution<Operation>(this.client, operationWorkflowId(id)),
    );
    if (shown === undefined) return this.kept(id);
    if (shown.card !== undefined) return shown.card;
    throw new Refused(
      { code: 'engine_unavailable', reason: `operation ${id} is just being started` },
      { retryAfterSeconds: cardRetryAfterSeconds },
    );
  }

  /** The engine forgets what has ended some weeks ago; the ledger does not. */
  private async kept(id: string): Promise<Operation> {
    const operation = foldOperation(id, await this.ledger.read(operationWorkflowId(id)));
    if (operation !== undefined) return operation;
    throw new Refused({ code: 'operation_unknown', reason: `operation ${id} is not known` });
  }
}

function toMessage({ sender, body }: OperationAnswer): Answer {
  const { planHash, reason } = body;
  return {
    by: sender.caller.person,
    ...(planHash !== undefined && { planHash }),
    ...(reason !== undefined && { reason }),
  };
}

function toVisibilityQuery({ state, kind, cluster }: OperationQuery, caller: Caller): string {
  return [
    `WorkflowId STARTS_WITH ${quoted(operationWorkflowId(''))}`,
    "ExecutionStatus != 'ContinuedAsNew'",
    ...(state === undefined ? [] : [`KeyturnState = ${quoted(state)}`]),
    ...(kind === undefined ? [] : [`KeyturnKind = ${quoted(kind)}`]),
    ...(cluster === undefined ? [] : [`ParentWorkflowId = ${quoted(entityOf(cluster))}`]),
    ...inReach(caller),
  ].join(' AND ');
}

function entityOf(cluster: string): string {
  const id = parseClusterId(cluster);
  if (id !== undefined) return clusterWorkflowId(id);
  const reason = `cluster ${cluster} is not the resource id of a cluster`;
  throw new Refused({ code: 'invalid_request', reason, field: 'cluster' }, { malformed: true });
}
