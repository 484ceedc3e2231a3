import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowClient } from '@temporalio/client';
import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import {
  SearchAttributeType,
  TypedSearchAttributes,
  defineSearchAttributeKey,
} from '@temporalio/common';
import type { TicketView } from '#libs/contracts/http/answers.ts';
import type {
  ClusterList,
  ClusterQuery,
  ClusterView,
  PolicyBody,
} from '#libs/contracts/http/cluster-views.ts';
import { toClusterView } from '#libs/contracts/http/cluster-views.ts';
import { toOperationRequest } from '#libs/contracts/http/operation-body.ts';
import type { OperationBody } from '#libs/contracts/http/operation-body.ts';
import type { OperationOrder, PolicyChange, Ticket } from '#libs/contracts/temporal.ts';
import { clusterWorkflowId, messages, taskQueues } from '#libs/contracts/temporal.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import { formatClusterId, normalRegion } from '#libs/domain/azure-ids.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import type { OperationKind } from '#libs/domain/events.ts';
import type { OperationRequest } from '#libs/domain/operation-request.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { listExecutions, quoted, readExecution } from '#libs/temporal/executions.ts';
import { callEngine, readEngine } from '../engine/call-engine.ts';
import { workflowClient } from '../engine/engine.module.ts';
import { operationIdOf, updateIdOf } from '../engine/request-ids.ts';
import { inReach } from '../engine/reach.ts';
import type { Sender } from '../http/access.ts';
import type { Caller, Role } from '../http/caller.ts';
import { requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';

/** Clusters: orders work on them through their entity, reads them from their card. */
@Injectable()
export class ClustersService {
  constructor(@Inject(workflowClient) private readonly client: WorkflowClient) {}

  /** Orders the provisioning of a cluster; the answer names the operation, which exists from now on. */
  async provision(request: ProvisionRequest, sender: Sender): Promise<TicketView> {
    return await this.order({ kind: 'provision', request, sender });
  }

  /** Orders another operation on a cluster. Throws `cluster_unknown` unless it is one that begins with it. */
  async operate(cluster: ClusterId, asked: OperationBody, sender: Sender): Promise<TicketView> {
    const { kind } = asked;
    const request = toOperationRequest(cluster, asked);
    return await this.order({ kind, request, sender });
  }

  /** Changes how a cluster is looked after; the same wish twice is one. Throws `cluster_unknown`. */
  async changePolicy(id: ClusterId, policy: PolicyBody, caller: Caller): Promise<ClusterView> {
    requireRole(caller, ['operator'], id.subscriptionId);
    const entity = this.client.getHandle(clusterWorkflowId(id));
    const args: [PolicyChange] = [{ ...policy, by: caller.person }];
    const updateId = randomUUID();
    try {
      const card = await callEngine(this.client, entity.workflowId, () =>
        entity.executeUpdate<Cluster, [PolicyChange]>(messages.changePolicy, { args, updateId }),
      );
      return toClusterView(card);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw unknown(id);
    }
  }

  /** Reads one cluster. Throws `cluster_unknown`. */
  async read(id: ClusterId, caller: Caller): Promise<ClusterView> {
    requireRole(caller, ['reader'], id.subscriptionId);
    const entity = await readEngine(this.client, () =>
      readExecution<Cluster>(this.client, clusterWorkflowId(id)),
    );
    const card = entity?.card;
    if (card === undefined || (card.state === 'absent' && card.operations.length === 0)) {
      throw unknown(id);
    }
    return toClusterView(card);
  }

  /** Lists clusters that exist, one page at a time. */
  async list(query: ClusterQuery, caller: Caller): Promise<ClusterList> {
    const { cursor, limit } = query;
    const page = await readEngine(this.client, () =>
      listExecutions<Cluster>(this.client, {
        query: toVisibilityQuery(query, caller),
        pageSize: limit,
        ...(cursor !== undefined && { cursor }),
      }),
    );
    const items = page.items.flatMap(({ card }) => (card === undefined ? [] : toClusterView(card)));
    return page.next === undefined ? { items } : { items, next: page.next };
  }

  private async order({ kind, request, sender }: Asked): Promise<TicketView> {
    const { caller, requestKey } = sender;
    requireRole(caller, rolesFor(request), request.cluster.subscriptionId);
    const updateId = updateIdOf(caller, requestKey);
    const ticket = await this.send({
      operationId: operationIdOf(clusterWorkflowId(request.cluster), updateId),
      bodyHash: requestKey.bodyHash,
      updateId,
      kind,
      request,
      requestedBy: caller.person,
    });
    // The engine answers a known id with the first ticket and runs nothing: only the hash tells.
    if (ticket.bodyHash !== requestKey.bodyHash) {
      const reason = `the key belongs to another request, operation ${ticket.operationId}`;
      throw new Refused({ code: 'idempotency_key_reused', reason });
    }
    const { operationId } = ticket;
    return { operationId, location: `/v1/operations/${operationId}` };
  }

  private async send(order: OperationOrder): Promise<Ticket> {
    const { kind, request, updateId } = order;
    const workflowId = clusterWorkflowId(request.cluster);
    if (!kindsThatBegin.includes(kind)) {
      const entity = this.client.getHandle(workflowId);
      const args: [OperationOrder] = [order];
      try {
        return await callEngine(this.client, workflowId, () =>
          entity.executeUpdate<Ticket, [OperationOrder]>(messages.requestOperation, {
            args,
            updateId,
          }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw unknown(request.cluster);
      }
    }
    // Made anew for each attempt: it can be used once.
    const start = () =>
      new WithStartWorkflowOperation('cluster', {
        workflowId,
        taskQueue: taskQueues.workflows,
        args: [{ clusterId: formatClusterId(request.cluster) }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        typedSearchAttributes: initialAttributes(request),
        staticSummary: formatClusterId(request.cluster),
      });
    return await callEngine(this.client, workflowId, () =>
      this.client.executeUpdateWithStart<ClusterEntity, Ticket, [OperationOrder]>(
        messages.requestOperation,
        { args: [order], updateId, startWorkflowOperation: start() },
      ),
    );
  }
}

/** Breaking the glass is an approver's right; whatever else is ordered is an operator's. */
const rolesFor = (request: OperationRequest): readonly Role[] =>
  'breakGlass' in request && request.breakGlass ? ['approver'] : ['operator'];

/** Kinds that a cluster nobody knew begins with. */
const kindsThatBegin: readonly OperationKind[] = ['provision', 'adopt'];

interface Asked {
  readonly kind: OperationKind;
  readonly request: OperationRequest;
  readonly sender: Sender;
}

function unknown(id: ClusterId): Refused {
  const reason = `nothing is known of ${formatClusterId(id)}`;
  return new Refused({ code: 'cluster_unknown', reason });
}

type ClusterEntity = (input: { clusterId: string }) => Promise<void>;

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Set at the start, where they are free, so that a list finds the entity before its first change. */
function initialAttributes(request: OperationRequest): TypedSearchAttributes {
  const { subscriptionId } = request.cluster;
  return new TypedSearchAttributes([
    { key: keyword('KeyturnState'), value: 'absent' },
    { key: keyword('KeyturnKind'), value: 'cluster' },
    { key: keyword('KeyturnSubscription'), value: subscriptionId.toLowerCase() },
    ...('region' in request
      ? [{ key: keyword('KeyturnRegion'), value: normalRegion(request.region) }]
      : []),
  ]);
}

function toVisibilityQuery(query: ClusterQuery, caller: Caller): string {
  const { state, region, subscription } = query;
  return [
    "WorkflowType = 'cluster'",
    "ExecutionStatus = 'Running'",
    state === undefined ? "KeyturnState != 'absent'" : `KeyturnState = ${quoted(state)}`,
    ...(region === undefined ? [] : [`KeyturnRegion = ${quoted(normalRegion(region))}`]),
    ...inReach(caller, subscription),
  ].join(' AND ');
}
