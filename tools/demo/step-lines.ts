import pc from 'picocolors';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';

type StepView = OperationView['steps'][number];
type WaitingView = NonNullable<OperationView['waiting']>;

const titleWidth = 44;
const barWidth = 24;

/** The whole operation as it is now: progress, then one line for each step. */
export function drawOperation(operation: OperationView, nowMs: number): string[] {
  const lines = operation.steps.map((step) => `  ${drawStep(step, nowMs)}`);
  const waiting =
    operation.waiting !== undefined && !operation.steps.some((step) => step.state === 'waiting')
      ? [`  ${pc.yellow(describeWait(operation.waiting, nowMs))}`]
      : [];
  return [drawProgress(operation), ...lines, ...waiting];
}

/** One step: a mark, its title, and what there is to say about it. */
export function drawStep(step: StepView, nowMs: number): string {
  const title = step.title.padEnd(titleWidth);
  if (step.state === 'pending') return pc.dim(`· ${step.title}`);
  if (step.state === 'done')
    return `${pc.green('✓')} ${title} ${pc.dim(`${took(step, nowMs)}  ${step.detail ?? ''}`.trimEnd())}`;
  const waits =
    step.waiting === undefined ? '' : `  ${pc.yellow(describeWait(step.waiting, nowMs))}`;
  return `${pc.cyan('▸')} ${title} ${took(step, nowMs)}${waits}`;
}

/** A wait in words: why, and until when. */
export function describeWait(waiting: WaitingView, nowMs: number): string {
  const { detail, until } = waiting;
  if (until === undefined) return `waits: ${detail}`;
  const left = Date.parse(until) - nowMs;
  const due = until.replace(/\.\d+Z$/u, 'Z');
  return left > 0
    ? `waits: ${detail}, due ${due} (in ${seconds(left)})`
    : `waits: ${detail}, due now`;
}

/** Tells which steps stand otherwise than before: what is printed where nothing can be redrawn. */
export function changedSteps(
  before: OperationView | undefined,
  after: OperationView,
): readonly StepView[] {
  const known = new Map(before?.steps.map((step) => [step.name, standing(step)]));
  return after.steps.filter(
    (step) => step.state !== 'pending' && known.get(step.name) !== standing(step),
  );
}

const standing = ({ state, waiting }: StepView): string =>
  [state, waiting?.reason, waiting?.detail, waiting?.until].join(' ');

function drawProgress({ steps, state }: OperationView): string {
  const done = steps.filter((step) => step.state === 'done').length;
  const filled = steps.length === 0 ? 0 : Math.round((done / steps.length) * barWidth);
  const bar = '█'.repeat(filled) + pc.dim('░'.repeat(barWidth - filled));
  return `${bar} ${done} of ${steps.length} steps, ${pc.bold(state)}`;
}

function took({ startedAt, endedAt }: StepView, nowMs: number): string {
  if (startedAt === undefined) return seconds(0);
  const end = endedAt === undefined ? nowMs : Date.parse(endedAt);
  return seconds(Math.max(0, end - Date.parse(startedAt)));
}

const dayMs = 86_400_000;

/** A duration for people, in seconds, minutes or days. */
export function seconds(ms: number): string {
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 2 * dayMs ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / dayMs).toFixed(1)} days`;
}
