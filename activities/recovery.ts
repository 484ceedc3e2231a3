import type { Azure } from '#libs/azure/azure.ts';
import type { RecoveryRequest } from '#libs/domain/operation-request.ts';
import { planRecovery } from '#libs/domain/recovery.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { inspectCluster } from './inspection.ts';
import { refusePersonsMatter } from './persons-matter.ts';
import { hashOf } from './plan-hash.ts';
import { accessOf, type AccessOrder, type PlannedAccess } from './revocation.ts';

/** The plan of giving access back; it only reads. */
export function recoveryActivities(azure: Azure, given: { rules: ServiceRules; probes: boolean }) {
  return {
    /**
     * Diagnoses why the cluster is kept out of its key, and plans to undo that.
     * @throws ApplicationFailure NotAsExpected when only Microsoft's support can go on (R64), or in an outage
     */
    async planRecovery(order: AccessOrder<RecoveryRequest>): Promise<PlannedAccess> {
      const { request, now, begun } = order;
      return await callAzure(async (call) => {
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        const plan = planRecovery(request, inspected, { ...given, begun });
        refusePersonsMatter(plan, request);
        const access = accessOf(inspected);
        const hash = hashOf('recover', request, plan);
        return { plan: { ...plan, hash }, ...(access && { access }) };
      });
    },
  };
}
