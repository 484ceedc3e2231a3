import { createHash } from 'node:crypto';

import { v5 } from 'uuid';

import type { OperationOrder } from '#libs/contracts/temporal.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { Person } from '#libs/domain/person.ts';

/** What a rotation is named by that no client has asked for. */
interface Named {
  /** Of the reason for such rotations (RFC 9562, 5.5); changing it would order them a second time. */
  readonly namespace: string;
  readonly by: readonly string[];
}

/** A rotation under ids made of its name: the entity answers a repeated one with the first ticket. */
export function rotationNamed(
  { namespace, by }: Named,
  request: RotationRequest,
  requestedBy: Person,
): OperationOrder {
  const id = createHash('sha256').update(JSON.stringify(by)).digest('hex');
  const operationId = v5(id, namespace);
  return { operationId, bodyHash: id, updateId: id, kind: 'rotate', request, requestedBy };
}
