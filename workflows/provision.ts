import type { Planned } from '#activities/planning.ts';
import type { Outcome } from '#libs/domain/events.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';

import { azure } from './proxies.ts';
import { takeOver } from './inspect.ts';
import { ProvisionSteps } from './provision-steps.ts';
import { Work } from './work.ts';

/**
 * Carries vault, key, cluster, grant, bind and links to a proven end, in the order of R15: plan, agree,
 * wait for a reserved name, then the plan's steps, exactly and in order.
 */
export async function provision(input: OperationInput<ProvisionRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const work = new Work<Planned>(input, async (begun) =>
    azure.planProvision({ request, operationId, now: Date.now(), begun }),
  );
  const steps = new ProvisionSteps(input, work);

  async function story(): Promise<string> {
    const agreed = await work.agree();
    if (agreed.seen !== undefined) return await takeOver(work, agreed);
    const { plan } = await (agreed.nameReleaseAt === undefined
      ? work.ready(agreed)
      : waitForName(agreed.nameReleaseAt));
    for (const { name } of plan.steps) await work.step(name, async () => await steps.do(name));
    const linked = request.workspaces.length;
    return `The cluster is under the customer's key; ${linked === 1 ? '1 workspace is' : `${linked} workspaces are`} linked.`;
  }

  /** Looks again on waking: another cluster may have taken the name, or it may be held again. */
  async function waitForName(release: string): Promise<Planned> {
    const again = await work.defer({
      step: 'cluster',
      reason: 'name_reserved',
      detail: 'a deleted cluster holds the name',
      wakeAt: Date.parse(release),
      known: true,
    });
    return again.nameReleaseAt === undefined ? again : await waitForName(again.nameReleaseAt);
  }

  return await work.run(story, async () => await steps.undo());
}
