import type { OperationOrder } from '#libs/contracts/temporal.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import type { Cluster } from '#libs/domain/cluster.ts';
import { follower, followingRequest } from '#libs/domain/following.ts';

import { rotationNamed } from './rotation-named.ts';

/** Names of followed versions (RFC 9562, 5.5); changing it would bind a version a second time. */
const namespace = '5f0e8a52-6a0c-4c55-8f0e-2b1d6d0c9b54';

/**
 * The order that binds a version which appeared in the vault. Its ids are made of cluster and version: the entity
 * answers a repeated one with the first ticket, so that a version is bound once, whatever came of it.
 */
export function followingOrder(
  { entity, known, cluster }: { entity: string; known: Cluster; cluster: ClusterId },
  version: string,
): OperationOrder {
  const request = followingRequest(cluster, known, version);
  return rotationNamed({ namespace, by: ['follow', entity, request.to] }, request, follower);
}
