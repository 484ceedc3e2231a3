import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { drawFindings } from './finding-text.ts';
import { drawFields } from './table.ts';
import type { Colours } from './terminal.ts';

type Step = OperationView['steps'][number];
type Waiting = NonNullable<OperationView['waiting']>;
type Plan = NonNullable<OperationView['plan']>;
type Outcome = NonNullable<OperationView['outcome']>;

/** One operation as it is, for people. */
export function drawOperation(operation: OperationView, colours: Colours): string[] {
  const { approval, attention, outcome, waiting } = operation;
  return [
    ...drawFields({
      operation: operation.id,
      kind: operation.kind,
      cluster: operation.cluster,
      state: operation.state,
      requested: `${operation.requestedAt} by ${operation.requestedBy.name}`,
      plan: operation.plan?.hash,
      waiting: waiting && describeWait(waiting),
    }),
    ...operation.steps.map((step) => drawStep(step, colours)),
    ...drawFindings(operation.findings, colours),
    ...(approval === undefined ? [] : drawApproval(operation.id, approval, colours)),
    ...(attention === undefined ? [] : drawAttention(operation.id, attention, colours)),
    ...(outcome === undefined ? [] : drawOutcome(outcome, colours)),
  ];
}

/** A step in one line: a mark, its title, and what there is to say about it. */
export function drawStep({ state, title, detail, waiting }: Step, colours: Colours): string {
  if (state === 'pending') return colours.dim(`  · ${title}`);
  if (state === 'done') {
    return `  ${colours.green('✓')} ${title}${detail === undefined ? '' : `  ${colours.dim(detail)}`}`;
  }
  const wait = waiting === undefined ? '' : `  ${colours.yellow(describeWait(waiting))}`;
  return `  ${colours.cyan('▸')} ${title}${wait}`;
}

/** A wait in words: why, and until when. */
export const describeWait = ({ detail, until }: Waiting): string =>
  `waits: ${detail}${until === undefined ? '' : `, due ${until.replace(/\.\d+Z$/u, 'Z')}`}`;

/** What would be done, found, paid and lost, and the hash to say yes to. */
export function drawPlan(plan: Plan, colours: Colours): string[] {
  const { commitmentGbPerDay: tier, lockDays } = plan.cost;
  return [
    ...plan.steps.map(({ effect, title }) => `  ${effect.padEnd('create'.length)}  ${title}`),
    ...drawFindings(plan.findings, colours),
    ...plan.losses.map(({ text }) => `  ${colours.red('loss')}  ${text}`),
    ...drawFields({
      commitment: tier === undefined ? undefined : `${tier} GB per day`,
      locked: lockDays === undefined ? undefined : `${lockDays} days before it may be lowered`,
      rules: plan.rulePack,
      hash: plan.hash,
    }),
  ];
}

/** What is asked, and how to answer. */
export function drawApproval(
  id: string,
  { reason, from, planHash }: NonNullable<OperationView['approval']>,
  colours: Colours,
): string[] {
  const who = from === 'second-person' ? 'a second person' : 'the requester';
  return [
    `${colours.yellow('approval')} of ${who} is asked: ${reason}`,
    `  keyturn approve ${id} --plan ${planHash}`,
    `  keyturn reject ${id} --reason "…"`,
  ];
}

/** Why it waits for a person, what was seen, and what can be done. */
export function drawAttention(
  id: string,
  { step, reason, seen, choices }: NonNullable<OperationView['attention']>,
  colours: Colours,
): string[] {
  return [
    `${colours.yellow('attention')} at ${step}: ${reason}`,
    `  seen: ${seen}`,
    ...choices.map((choice) => `  keyturn ${choice} ${id}`),
  ];
}

/** What the operation ended with. */
export function drawOutcome(outcome: Outcome, colours: Colours): string[] {
  const { result, summary, evidence, encryptedSince, left = [] } = outcome;
  const mark = result === 'succeeded' ? colours.green(result) : colours.red(result);
  return [
    `${mark}: ${summary}`,
    ...drawFindings(outcome.findings, colours),
    ...evidence.map(({ grade, claim }) => `  ${grade.padEnd('observed'.length)}  ${claim}`),
    ...(encryptedSince === undefined
      ? []
      : [`  new data is under the customer's key since ${encryptedSince}`]),
    ...left.map((thing) => `  left behind: ${thing}`),
  ];
}
