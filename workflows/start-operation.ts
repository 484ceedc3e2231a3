import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ParentClosePolicy,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';

import {
  operationWorkflowId,
  operationWorkflowType,
  taskQueues,
  type OperationOrder,
} from '#libs/contracts/temporal.ts';
import { normalRegion } from '#libs/domain/azure-ids.ts';
import { beginOperation } from '#libs/domain/operation.ts';
import { firstEvent, type OperationInput } from '#libs/domain/operation-stream.ts';

/** What an operation is started from, whether a person's request or another operation wanted it. */
export type OperationStart = Pick<
  OperationOrder,
  'operationId' | 'kind' | 'request' | 'requestedBy'
>;

/**
 * Starts an operation as a workflow of its own that outlives its parent's runs. Its card is there from its
 * first moment, so that reading it never misses.
 */
export async function startOperation(order: OperationStart, cluster: string): Promise<void> {
  const { operationId, kind, request, requestedBy } = order;
  const input: OperationInput = {
    operationId,
    kind,
    request,
    requestedBy,
    requestedAt: new Date().toISOString(),
    cluster,
    stream: operationWorkflowId(operationId),
    entity: workflowInfo().workflowId,
  };
  const first = firstEvent(input);
  try {
    await startChild(operationWorkflowType(kind), {
      args: [input],
      workflowId: input.stream,
      taskQueue: taskQueues.workflows,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      memo: { card: beginOperation(first, operationId), events: [first] },
      searchAttributes: {
        KeyturnState: ['planning'],
        KeyturnKind: [kind],
        // In the one form that the API filters by.
        KeyturnSubscription: [request.cluster.subscriptionId.toLowerCase()],
        ...('region' in request ? { KeyturnRegion: [normalRegion(request.region)] } : {}),
      },
    });
  } catch (error) {
    // The same request reached an earlier run of this entity: its operation is the answer.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
