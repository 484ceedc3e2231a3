import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowClient } from '@temporalio/client';
import { Gauge } from 'prom-client';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import type { OperationState } from '#libs/domain/operation.ts';
import { countExecutions, quoted } from '#libs/temporal/executions.ts';
import { workflowClient } from '../engine/engine.module.ts';
import { ApiMetrics } from '../metrics/api-metrics.ts';

/** The states in which nothing goes on without a person. */
const waitingStates = ['attention', 'awaiting-approval'] as const satisfies OperationState[];

/** Prometheus gives up after ten seconds and would lose the other metrics too. */
const countDeadlineMs = 2000;

/**
 * How many operations wait for a person: what an alert is made of. Counted by the engine on each reading, so
 * that it is true whatever has been restarted; left out while the engine does not answer.
 */
@Injectable()
export class WaitingOperations {
  constructor(
    @Inject(workflowClient) client: WorkflowClient,
    @Inject(ApiMetrics) { registry }: ApiMetrics,
  ) {
    const gauge = new Gauge({
      name: 'keyturn_operations_waiting_for_person',
      help: 'Operations that wait for a person, by state.',
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        gauge.reset();
        const counted = await Promise.allSettled(
          waitingStates.map(async (state) => [state, await countIn(client, state)] as const),
        );
        for (const each of counted)
          if (each.status === 'fulfilled') gauge.set({ state: each.value[0] }, each.value[1]);
      },
    });
  }
}

const countIn = (client: WorkflowClient, state: OperationState): Promise<number> =>
  client.withDeadline(Date.now() + countDeadlineMs, () =>
    countExecutions(
      client,
      [
        `WorkflowId STARTS_WITH ${quoted(operationWorkflowId(''))}`,
        "ExecutionStatus = 'Running'",
        `KeyturnState = ${quoted(state)}`,
      ].join(' AND '),
    ),
  );
