import { createHash } from 'node:crypto';

import type { OperationRequest } from '#libs/domain/operation-request.ts';
import { planText, type Plan } from '#libs/domain/plan.ts';

/** The hash of a plan: over what was asked for, not over how its plan is agreed to. */
export function hashOf(kind: string, request: OperationRequest, plan: Omit<Plan, 'hash'>): string {
  const { planOnly: _, acceptPlan: __, ...wanted } = request;
  return createHash('sha256')
    .update(planText(kind, wanted, plan))
    .digest('hex');
}
