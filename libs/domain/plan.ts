import type { Finding } from './findings.ts';
import type { RulePackName } from './service-rules.ts';

/** The steps, findings, cost and losses of an operation, computed before anything is changed. */
export interface Plan {
  /** sha256 (hex) over `planText`; what an approval says yes to. */
  readonly hash: string;
  readonly steps: readonly PlannedStep[];
  readonly findings: readonly Finding[];
  readonly cost: Cost;
  readonly losses: readonly Loss[];
  readonly rulePack: RulePackName;
}

export interface PlannedStep {
  readonly name: string;
  readonly title: string;
  /** The resource the step is about. */
  readonly target: string;
  readonly effect: 'create' | 'change' | 'keep';
}

/** Until when a plan is neither asked about nor carried out, and why. */
export interface PlanHold {
  /** ISO 8601. */
  readonly until: string;
  readonly detail: string;
}

/** What the operation commits the customer to (R150). */
export interface Cost {
  readonly commitmentGbPerDay?: number;
  readonly lockDays?: number;
}

/** Something that cannot be had back. */
export interface Loss {
  readonly id: string;
  readonly text: string;
}

/**
 * The text a plan's hash is taken over: what would be done and lost, and nothing merely observed, so that
 * looking twice at an unchanged estate gives the same hash.
 */
export function planText(kind: string, request: unknown, plan: Omit<Plan, 'hash'>): string {
  return JSON.stringify([
    kind,
    sorted(request),
    plan.steps.map(({ name, target, effect }) => [name, target.toLowerCase(), effect]),
    plan.losses.map(({ id }) => id),
    plan.cost.commitmentGbPerDay ?? null,
    plan.rulePack,
  ]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
