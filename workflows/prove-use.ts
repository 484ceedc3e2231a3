import { ApplicationFailure } from '@temporalio/workflow';

import type { ProofOrder } from '#activities/rotation.ts';
import { auditPatienceMs } from '#libs/domain/service-rules.ts';

import { azure } from './proxies.ts';
import type { Done, Work } from './work.ts';

/**
 * Sees that the cluster uses the version (R89): a look at once, and a longer one without the lane where the audit may
 * show more later. @throws ApplicationFailure NotAsExpected when the cluster shows another version
 */
export async function proveUse(
  work: Pick<Work, 'showWait' | 'letGo'>,
  order: Omit<ProofOrder, 'patienceMs'>,
): Promise<Done> {
  const { rotation, version } = order;
  let proof = await azure.proveRotation({ ...order, patienceMs: 0 });
  if (proof.unproven?.isOpen === true) {
    // A log is late by minutes: others may write to the cluster meanwhile.
    await work.showWait('proof', proof.unproven.reason);
    await work.letGo();
    const patienceMs = auditPatienceMs[rotation.mode];
    proof = await azure.proveRotation({ ...order, patienceMs });
  }
  const { evidence, other, unproven, findings = [] } = proof;
  if (other === undefined) {
    const why = unproven === undefined ? '' : `; ${unproven.reason}`;
    return { detail: `${evidence.claim}${why}`, evidence: [evidence], findings };
  }
  const message = `the cluster shows version ${other} and not ${version}: somebody changed it meanwhile`;
  throw ApplicationFailure.create({ type: 'NotAsExpected', message, nonRetryable: true });
}
