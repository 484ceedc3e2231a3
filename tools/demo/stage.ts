import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { changedSteps, drawOperation, drawStep } from './step-lines.ts';

/** Often enough for a running clock, seldom enough for a slow terminal. */
const redrawEveryMs = 250;

/** Where a story is told: a terminal is redrawn, anything else gets one line for each change. */
export interface Stage {
  /** A heading. */
  title(text: string): void;
  /** A sentence; said while an operation is followed, it stays above it. */
  say(text: string): void;
  /** Something that had to hold, and whether it did. Returns that. */
  check(text: string, holds: boolean): boolean;
  /** Shows an operation until its last state, which is returned. */
  follow(states: AsyncIterable<OperationView>): Promise<OperationView>;
}

export function createStage(output: NodeJS.WriteStream): Stage {
  let drawing: Drawing | undefined;
  const say = (text: string) => {
    if (drawing === undefined) output.write(`${text}\n`);
    else drawing.persist(text);
  };
  return {
    title: (text) => say(`\n${pc.bold(text)}`),
    say,
    check: (text, holds) => {
      say(`  ${holds ? pc.green('✓') : pc.red('✗')} ${text}`);
      return holds;
    },
    follow: output.isTTY
      ? async (states) => {
          drawing = createLogUpdate(output);
          return redraw(drawing, states).finally(() => (drawing = undefined));
        }
      : async (states) => list(say, states),
  };
}

type Drawing = ReturnType<typeof createLogUpdate>;

async function redraw(
  update: Drawing,
  states: AsyncIterable<OperationView>,
): Promise<OperationView> {
  let shown: OperationView | undefined;
  const draw = () => {
    if (shown !== undefined) update(drawOperation(shown, Date.now()).join('\n'));
  };
  const clock = setInterval(draw, redrawEveryMs);
  try {
    for await (const state of states) {
      shown = state;
      draw();
    }
  } finally {
    clearInterval(clock);
    update.done();
  }
  return ended(shown);
}

async function list(
  say: (text: string) => void,
  states: AsyncIterable<OperationView>,
): Promise<OperationView> {
  let before: OperationView | undefined;
  for await (const state of states) {
    for (const step of changedSteps(before, state)) say(`  ${drawStep(step, Date.now())}`);
    if (state.state === 'attention' && before?.state !== 'attention')
      say(`  ${pc.yellow('needs a person')}: ${state.attention?.reason ?? ''}`);
    before = state;
  }
  return ended(before);
}

function ended(state: OperationView | undefined): OperationView {
  if (state === undefined) throw new Error('following an operation: it was never seen');
  return state;
}
