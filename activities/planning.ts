import type { Call } from '#libs/azure/azure.ts';
import { adopted, readingPlan, requestFindings } from '#libs/domain/adoption-plan.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import type { ClusterSeen } from '#libs/domain/events.ts';
import { blocker } from '#libs/domain/findings.ts';
import { inspectionFindings, toClusterSeen } from '#libs/domain/inspection.ts';
import type { InspectionRequest } from '#libs/domain/operation-request.ts';
import type { Plan } from '#libs/domain/plan.ts';
import { nameReleaseAt } from '#libs/domain/provision-cluster-findings.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { planProvision } from '#libs/domain/provision-plan.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';

import { callAzure } from './azure-call.ts';
import { inspectCluster } from './inspection.ts';
import { hashOf } from './plan-hash.ts';
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
  /** What was read of a cluster that is only to be looked at. */
  readonly seen?: ClusterSeen;
}

export interface InspectionOrder {
  readonly request: InspectionRequest;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** Reads what a plan needs and makes it; changes nothing. */
export function planningActivities(means: PlanningMeans) {
  const { azure, rules, probes } = means;
  return {
    async planProvision({ request, operationId, now, begun }: PlanOrder): Promise<Planned> {
      return await callAzure(async (call) => {
        const facts = await readProvisionFacts(means, { request, now }, call);
        const isOurs = begun['cluster'] !== undefined;
        if (facts.cluster !== undefined && request.onExisting === 'adopt' && !isOurs) {
          return await planAdoption({ request, now }, call);
        }
        const circumstances = { rules, now, operationId, probes, begun };
        const plan = planProvision(request, facts, circumstances);
        const release = nameReleaseAt(facts, circumstances);
        return {
          plan: { ...plan, hash: hashOf('provision', request, plan) },
          ...(release === undefined ? {} : { nameReleaseAt: release }),
        };
      });
    },

    /** An inspection is its own plan: what there is to read is read, and shown before it is taken over. */
    async planInspection({ request, now }: InspectionOrder): Promise<Planned> {
      return await callAzure(async (call) => {
        const target = formatClusterId(request.cluster);
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        const findings =
          inspected === undefined
            ? [blocker('cluster_missing', 'R116', { reason: 'there is no such cluster', target })]
            : inspectionFindings(inspected, now);
        const plan = readingPlan(target, findings, rules.name);
        const seen = inspected && toClusterSeen(inspected, findings);
        const hash = hashOf('inspect', request, plan);
        return { plan: { ...plan, hash }, ...(seen === undefined ? {} : { seen }) };
      });
    },
  };

  async function planAdoption(
    { request, now }: { request: ProvisionRequest; now: number },
    call: Call,
  ): Promise<Planned> {
    const target = formatClusterId(request.cluster);
    const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
    // It was there a moment ago: the next attempt plans for what is so then.
    if (inspected === undefined) throw new Error(`inspecting ${target}: it has gone`);
    const mismatches = [
      ...requestFindings(request, inspected),
      ...inspectionFindings(inspected, now),
    ];
    const plan = readingPlan(target, [adopted(request), ...mismatches], rules.name);
    const seen = toClusterSeen(inspected, mismatches);
    return { plan: { ...plan, hash: hashOf('provision', request, plan) }, seen };
  }
}
