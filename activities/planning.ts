import { createHash } from 'node:crypto';

import { planText, type Plan } from '#libs/domain/plan.ts';
import { nameReleaseAt } from '#libs/domain/provision-cluster-findings.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { planProvision } from '#libs/domain/provision-plan.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';

import { callAzure } from './azure-call.ts';
import { readProvisionFacts, type PlanningMeans } from './provision-facts.ts';

export interface PlanOrder {
  readonly request: ProvisionRequest;
  readonly operationId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

export interface Planned {
  readonly plan: Plan;
  /** When the reserved name is free, if that is known and still to come. */
  readonly nameReleaseAt?: string;
}

/** Reads what a plan needs and makes it; changes nothing. */
export function planningActivities(means: PlanningMeans) {
  return {
    async planProvision({ request, operationId, now, begun }: PlanOrder): Promise<Planned> {
      return await callAzure(async (call) => {
        const facts = await readProvisionFacts(means, { request, now }, call);
        const { rules, probes } = means;
        const circumstances = { rules, now, operationId, probes, begun };
        const plan = planProvision(request, facts, circumstances);
        const { planOnly: _, acceptPlan: __, ...wanted } = request;
        const hash = createHash('sha256')
          .update(planText('provision', wanted, plan))
          .digest('hex');
        const release = nameReleaseAt(facts, circumstances);
        return {
          plan: { ...plan, hash },
          ...(release === undefined ? {} : { nameReleaseAt: release }),
        };
      });
    },
  };
}
