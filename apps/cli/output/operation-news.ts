import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { drawFindings } from './finding-text.ts';
import {
  describeWait,
  drawApproval,
  drawAttention,
  drawOutcome,
  drawStep,
} from './operation-text.ts';
import type { Colours } from './terminal.ts';

/** What is new since the state before, one line or a few for each thing; nothing is told twice. */
export function tellNews(
  before: OperationView | undefined,
  after: OperationView,
  colours: Colours,
): string[] {
  const { approval, attention, outcome, plan, waiting } = after;
  return [
    ...(before === undefined ? [`${after.kind} of ${after.cluster}`] : []),
    ...(plan === undefined || plan.hash === before?.plan?.hash ? [] : [`plan ${plan.hash}`]),
    ...(after.state === before?.state || outcome !== undefined ? [] : [colours.bold(after.state)]),
    ...changedSteps(before, after).map((step) => drawStep(step, colours)),
    ...drawFindings(newFindings(before, after), colours),
    ...(waiting === undefined || isToldByStep(after) || same(waiting, before?.waiting)
      ? []
      : [`  ${colours.yellow(describeWait(waiting))}`]),
    ...(approval === undefined || same(approval, before?.approval)
      ? []
      : drawApproval(after.id, approval, colours)),
    ...(attention === undefined || same(attention, before?.attention)
      ? []
      : drawAttention(after.id, attention, colours)),
    ...(outcome === undefined || before?.outcome !== undefined
      ? []
      : drawOutcome({ ...outcome, findings: [] }, colours)),
  ];
}

function changedSteps(before: OperationView | undefined, after: OperationView) {
  const known = new Map(before?.steps.map((step) => [step.name, standing(step)]));
  return after.steps.filter(
    (step) => step.state !== 'pending' && known.get(step.name) !== standing(step),
  );
}

const standing = ({ state, waiting }: OperationView['steps'][number]): string =>
  JSON.stringify([state, waiting]);

/** The outcome repeats what was found on the way, and may add to it. */
function newFindings(before: OperationView | undefined, after: OperationView) {
  const all = ({ findings, plan, outcome }: Partial<OperationView>) => [
    ...(plan?.findings ?? []),
    ...(findings ?? []),
    ...(outcome?.findings ?? []),
  ];
  const told = new Set(all(before ?? {}).map((finding) => JSON.stringify(finding)));
  return all(after).filter((finding) => {
    const text = JSON.stringify(finding);
    if (told.has(text)) return false;
    told.add(text);
    return true;
  });
}

const isToldByStep = ({ steps }: OperationView): boolean =>
  steps.some(({ state }) => state === 'waiting');

const same = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left) === JSON.stringify(right);
