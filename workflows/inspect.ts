import type { Planned } from '#activities/planning.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import type { InspectionRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';

import { azure } from './proxies.ts';
import { Work } from './work.ts';

/**
 * Reads a cluster with all that its key depends on, and tells its entity what it shows. Nothing is
 * written in Azure, so it takes no lane.
 */
export async function inspect(input: OperationInput<InspectionRequest>): Promise<Outcome> {
  const { request } = input;
  const work = new Work<Planned>(input, async () =>
    azure.planInspection({ request, now: Date.now() }),
  );
  return await work.run(
    async () => await takeOver(work, await work.agree()),
    async () => {},
  );
}

/** The one step of a plan that only reads: what was seen becomes known of the cluster. */
export async function takeOver(work: Work<Planned>, { plan, seen }: Planned): Promise<string> {
  await work.step('inspect', async () => {
    const { linkedWorkspaces = 0, key } = seen ?? {};
    const bound = key === undefined ? 'no key of yours' : `key ${key.kid}`;
    return await Promise.resolve({
      detail: `${bound}, ${linkedWorkspaces} workspaces linked`,
      facts: seen === undefined ? [] : [fact('ClusterSeen', seen)],
      findings: plan.findings,
    });
  });
  const open = plan.findings.filter(({ severity }) => severity !== 'info').length;
  return open === 0
    ? 'The cluster was read; nothing is amiss.'
    : `The cluster was read; ${open === 1 ? '1 finding needs' : `${open} findings need`} attention.`;
}
