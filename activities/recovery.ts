import type { Azure } from '#libs/azure/azure.ts';
import { keyAccessFindings } from '#libs/domain/diagnose.ts';
import type { Inspected } from '#libs/domain/inspection.ts';
import type { RecoveryRequest } from '#libs/domain/operation-request.ts';
import { planRecovery } from '#libs/domain/recovery.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { final } from './failures.ts';
import { inspectCluster } from './inspection.ts';
import { hashOf } from './plan-hash.ts';
import { accessOf, type AccessOrder, type PlannedAccess } from './revocation.ts';

/** The plan of giving access back; it only reads. */
export function recoveryActivities(azure: Azure, given: { rules: ServiceRules; probes: boolean }) {
  return {
    /**
     * Diagnoses why the cluster is kept out of its key, and plans to undo that.
     * @throws ApplicationFailure NotAsExpected when only Microsoft's support can go on (R64)
     */
    async planRecovery(order: AccessOrder<RecoveryRequest>): Promise<PlannedAccess> {
      const { request, now, begun } = order;
      return await callAzure(async (call) => {
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        if (!request.planOnly) refuseLost(inspected);
        const plan = planRecovery(request, inspected, { ...given, begun });
        const access = accessOf(inspected);
        const hash = hashOf('recover', request, plan);
        return { plan: { ...plan, hash }, ...(access && { access }) };
      });
    },
  };
}

/** A cluster without an identity is a matter between a person and Microsoft: we never set None, nor undo it. */
function refuseLost(inspected: Inspected | undefined): void {
  const access = inspected?.key?.access;
  const cause = access && keyAccessFindings(access).find(({ rule }) => rule === 'R64');
  if (cause === undefined) return;
  throw final('NotAsExpected', `recovering ${cause.target}: ${cause.reason}`, cause);
}
