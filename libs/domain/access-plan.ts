import { blocker, type Finding } from './findings.ts';
import type { Inspected } from './inspection.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Begun } from './provision-facts.ts';
import type { ServiceRules } from './service-rules.ts';

/** What plans that take access away or give it back have in common. */

export interface AccessCircumstances {
  readonly rules: ServiceRules;
  /** Whether the worker can probe ingestion and queries. */
  readonly probes: boolean;
  readonly begun: Begun;
}

export type AccessPlan = Omit<Plan, 'hash'>;

/** A step as it is, unless it has begun: then it stays what it was. */
export const stepIn = (begun: Begun, step: PlannedStep): PlannedStep => ({
  ...step,
  effect: begun[step.name] ?? step.effect,
});

/** Whether the effect can be seen on the data; else a stated limit is waited for. */
export const isSeen = ({ workspaces }: Inspected, { probes }: { probes: boolean }): boolean =>
  probes && workspaces.length > 0;

/** Says that nobody will see the effect, and why (R89). */
export function unseenEffect(inspected: Inspected, given: { readonly probes: boolean }): Finding[] {
  if (isSeen(inspected, given)) return [];
  const why = given.probes ? 'no workspace is linked' : 'no probe is configured';
  return [
    {
      code: 'effect_unseen',
      severity: 'warning',
      rule: 'R89',
      reason: `the effect cannot be seen, for ${why}: the limit that Azure states is waited for`,
      remedy: 'Link a workspace and configure the probes, for evidence of a better grade.',
      target: inspected.id,
    },
  ];
}

export const missingCluster = (target: string): Finding =>
  blocker('cluster_missing', 'R116', { reason: 'there is no such cluster', target });

/** Why nothing can be said of the cluster's key at all. */
export function unseenKey(target: string, { key }: Inspected): Finding[] {
  if (key === undefined) {
    const reason = 'the cluster has no key of yours: there is no access that could be switched';
    return [blocker('key_missing', 'R80', { reason, target, remedy: 'Nothing is to be done.' })];
  }
  if (key.access !== undefined) return [];
  const reason = `the vault ${key.vaultUri} is not among those that Keyturn may read`;
  return [blocker('missing_permission', 'R52', { reason, target: key.vaultUri })];
}

/** Keyturn's own right to look at keys and to switch them, where it has lost it. */
export const vaultAccessStep = (vaultId: string): PlannedStep => ({
  name: 'vault-access',
  title: 'Own access to the keys of the vault',
  target: vaultId,
  effect: 'change',
});
