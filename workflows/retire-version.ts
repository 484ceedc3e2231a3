import type { PlannedRetirement } from '#activities/retirement.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import { disableStep } from '#libs/domain/used-key.ts';
import type { RetirementRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import type { Retirement } from '#libs/domain/retirement.ts';

import { observed } from './evidence.ts';
import { azure } from './proxies.ts';
import { Work, type Done } from './work.ts';

/**
 * Disables versions of a key that no cluster uses any more: held back until what used them has let go, then
 * agreed to by a second person, and looked at once more before each is disabled (R96).
 */
export async function retireVersion(input: OperationInput<RetirementRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const work = new Work<PlannedRetirement>(input, async (begun) =>
    azure.planRetirement({ request, now: Date.now(), begun }),
  );

  async function story(): Promise<string> {
    const agreed = await work.agree();
    if (agreed.retirement?.versions.length === 0) return 'There is nothing that is still enabled.';
    const { retirement } = await work.ready(agreed);
    if (retirement === undefined) throw new Error('missing what to retire');
    const startedAt = Date.now();
    for (const version of retirement.versions)
      await work.step(disableStep(version), async () => await disable(retirement, version));
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const versions = retirement.versions.join(', ');
    return `Of key ${retirement.keyName} is disabled, within ${seconds} s and with no cluster on it: ${versions}.`;
  }

  async function disable({ vaultId, keyName }: Retirement, version: string): Promise<Done> {
    const { subscriptionId } = request.cluster;
    const order = { vaultId, keyName, version, operationId, subscriptionId };
    // Nobody makes a version of the key, or binds a cluster to one, meanwhile.
    const { kid, changed, others, requestId } = await work.withKey(
      { vaultId, keyName, how: 'exclusive' },
      async () => await azure.disableKeyVersion(order),
    );
    return {
      detail: changed ? 'disabled' : 'disabled already, by somebody else',
      facts: changed ? [fact('KeyVersionDisabled', { kid })] : [],
      evidence: [
        observed(`key version ${kid} is disabled`, requestId),
        observed(unusedClaim(others), requestId),
      ],
    };
  }

  return await work.run(story, async () => {});
}

const unusedClaim = (others: number): string =>
  others === 0
    ? 'no cluster that Keyturn may read is on the key'
    : `no cluster that Keyturn may read is on that version; on others of the key: ${others}`;
