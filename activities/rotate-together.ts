import { clusterWorkflowId, type OperationOrder } from '#libs/contracts/temporal.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { Person } from '#libs/domain/person.ts';

import { callAzure } from './azure-call.ts';
import type { Fleet } from './inspect-all.ts';
import { rotationNamed } from './rotation-named.ts';

/** Names of rotations that others want (RFC 9562, 5.5); changing it would order them a second time. */
const namespace = 'a3a64f4b-3a0e-4f0a-9a55-c1c0f5d0a2f7';

export interface TogetherOrder {
  /** The rotation that wants the others. */
  readonly operationId: string;
  readonly requestedBy: Person;
  /** Resource ids. */
  readonly clusters: readonly string[];
  readonly version: string;
  readonly soakMs: number;
}

export interface OrderedTogether {
  readonly ordered: readonly { readonly cluster: string; readonly operationId: string }[];
  /** Resource ids of clusters whose entities refuse it. */
  readonly refused: readonly string[];
}

/** The deed that has the other clusters of a key rotated to the version of one, each by an operation of its own. */
export function rotateTogetherActivities(fleet: Pick<Fleet, 'order'>) {
  return {
    async rotateTogether(order: TogetherOrder): Promise<OrderedTogether> {
      return await callAzure(async () => {
        const ordered: OrderedTogether['ordered'][number][] = [];
        const refused: string[] = [];
        for (const cluster of order.clusters) {
          const wanted = orderFor(order, cluster);
          if (wanted !== undefined && (await fleet.order(entityOf(cluster), wanted)))
            ordered.push({ cluster, operationId: wanted.operationId });
          else refused.push(cluster);
        }
        return { ordered, refused };
      });
    },
  };
}

/** The workflow id of a cluster's entity, by its resource id. */
export function entityOf(clusterId: string): string {
  const id = parseClusterId(clusterId);
  return id === undefined ? clusterId : clusterWorkflowId(id);
}

/** Its ids are made of the operation and the cluster: the entity answers a repeated one with the first ticket. */
function orderFor(
  { operationId, requestedBy, version, soakMs }: TogetherOrder,
  clusterId: string,
): OperationOrder | undefined {
  const cluster = parseClusterId(clusterId);
  if (cluster === undefined) return undefined;
  const request: RotationRequest = { cluster, planOnly: false, to: version, soakMs };
  const by = ['together', operationId, clusterWorkflowId(cluster)];
  return rotationNamed({ namespace, by }, request, requestedBy);
}
