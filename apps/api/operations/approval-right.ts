import type { Operation } from '#libs/domain/operation.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { Caller } from '../http/caller.ts';
import { holds, requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';

/** The subscription an operation works in; roles may be limited to it. */
export const subscriptionOf = ({ cluster }: Operation): string | undefined =>
  parseClusterId(cluster)?.subscriptionId;

/**
 * Who may say yes: for money the requester or an approver; where data can be lost or a change cannot
 * be undone, an approver who is not the requester. Throws `forbidden`.
 */
export function requireApprovalRight(operation: Operation, caller: Caller): void {
  const subscriptionId = subscriptionOf(operation);
  const isRequester = operation.requestedBy.objectId === caller.person.objectId;
  if (operation.approval?.from !== 'second-person') {
    if (isRequester && holds(caller, ['operator'], subscriptionId)) return;
    requireRole(caller, ['approver'], subscriptionId);
    return;
  }
  requireRole(caller, ['approver'], subscriptionId);
  if (!isRequester) return;
  const reason = 'this needs the role approver, held by another person than the requester';
  throw new Refused({ code: 'forbidden', reason });
}
