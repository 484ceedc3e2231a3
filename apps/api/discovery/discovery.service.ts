import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowClient, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { DiscoveryView } from '#libs/contracts/http/discovery-views.ts';
import { clusterWorkflowId, discoveryWorkflowId, taskQueues } from '#libs/contracts/temporal.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import type { ClusterSeen } from '#libs/domain/events.ts';
import { readExecution } from '#libs/temporal/executions.ts';
import { readEngine } from '../engine/call-engine.ts';
import { workflowClient } from '../engine/engine.module.ts';
import type { Caller } from '../http/caller.ts';
import { requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';

/** How long a caller waits for Azure to be read; later the same discovery is found and waited for again. */
const patienceMs = 8_000;

/** Discovery: what Azure has in a subscription, and what of it Keyturn looks after. */
@Injectable()
export class DiscoveryService {
  constructor(@Inject(workflowClient) private readonly client: WorkflowClient) {}

  /** Reads the clusters of a subscription in Azure; joins a discovery that runs already. */
  async read(subscriptionId: string, caller: Caller): Promise<DiscoveryView> {
    requireRole(caller, ['reader'], subscriptionId);
    const handle = await readEngine(this.client, () =>
      this.client.start<Discovery>('discovery', {
        workflowId: discoveryWorkflowId(subscriptionId),
        taskQueue: taskQueues.workflows,
        args: [subscriptionId],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
    const found = await this.resultInTime(handle);
    if (found === undefined) return { state: 'running', clusters: [] };
    const clusters = await Promise.all(
      found.clusters.map(async ({ clusterId: id, ...seen }) => ({
        id,
        isKnown: await this.isKnown(id),
        ...seen,
      })),
    );
    return { state: 'done', at: found.at, clusters };
  }

  /** Undefined when Azure is still being read. Throws `missing_permission` when we may not read it. */
  private async resultInTime(handle: WorkflowHandle<Discovery>): Promise<Found | undefined> {
    const patience = AbortSignal.timeout(patienceMs);
    try {
      return await this.client.withAbortSignal(patience, () => handle.result());
    } catch (error) {
      if (patience.aborted) return undefined;
      throw refusalIn(error) ?? error;
    }
  }

  private async isKnown(resourceId: string): Promise<boolean> {
    const id = parseClusterId(resourceId);
    if (id === undefined) return false;
    const entity = await readEngine(this.client, () =>
      readExecution<Cluster>(this.client, clusterWorkflowId(id)),
    );
    return entity?.card !== undefined && entity.card.state !== 'absent';
  }
}

interface Found {
  readonly at: string;
  readonly clusters: readonly ClusterSeen[];
}

type Discovery = (subscriptionId: string) => Promise<Found>;

/** What Azure refused the worker is the answer; anything else is not the caller's matter. */
function refusalIn(error: unknown): Refused | undefined {
  const failed = error instanceof WorkflowFailedError ? error.cause : undefined;
  const cause = failed instanceof ActivityFailure ? failed.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'PermissionMissing')
    return undefined;
  return new Refused({ code: 'missing_permission', reason: cause.message });
}
