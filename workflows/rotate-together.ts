import { notTogether } from '#libs/domain/key-mates.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';

import { azure } from './proxies.ts';
import type { Done } from './work.ts';

/** Has the other clusters of a key rotated, at the same time as one soaks: each in an operation of its own. */
export async function rotateTogether(
  { operationId, requestedBy, request: { soakMs } }: OperationInput<RotationRequest>,
  clusters: readonly string[],
  version: string,
): Promise<Done> {
  const order = { operationId, requestedBy, clusters, version, soakMs };
  const { ordered, refused } = await azure.rotateTogether(order);
  const each = ordered.map((one) => `${one.cluster} by operation ${one.operationId}`);
  return {
    detail: each.length === 0 ? 'none may be rotated now' : each.join('; '),
    findings: refused.map(notTogether),
  };
}
