import type { Finding } from '#libs/domain/findings.ts';
import type { Plan } from '#libs/domain/plan.ts';

import { final } from './failures.ts';

/** What stands against a plan and is no refusal: it may pass, or somebody else has to act first. */
const matters: readonly Finding['code'][] = ['vault_outage', 'identity_missing'];

/**
 * Lets a plan pass, unless a person has to see to something before anybody can say whether it may.
 * @throws ApplicationFailure NotAsExpected with the finding
 */
export function refusePersonsMatter(
  { findings }: Pick<Plan, 'findings'>,
  { planOnly }: { readonly planOnly: boolean },
): void {
  if (planOnly) return;
  const blockers = findings.filter(({ severity }) => severity === 'blocker');
  const [cause] = blockers;
  if (cause === undefined || !blockers.every(({ code }) => matters.includes(code))) return;
  throw final('NotAsExpected', `planning: ${cause.reason}`, cause);
}
