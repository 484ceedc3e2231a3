import { describe, expect, it, vi } from 'vitest';

import type { OpenWorkflow } from '#libs/temporal/open-workflows.ts';

import { checkOpen, type Reach } from './check-open.ts';
import type { Divergence } from './replay-report.ts';

const open = (name: string, type = 'provision'): OpenWorkflow => ({
  workflowId: `operation/${name}`,
  runId: name,
  type,
});

/** Lists in turn what visibility shows; what is replayed is kept. */
function reach(lists: readonly (readonly OpenWorkflow[])[], diverged: readonly Divergence[] = []) {
  const left = [...lists];
  const replayed: string[][] = [];
  const pause = vi.fn(async () => {});
  const made: Reach = {
    list: async () => left.shift() ?? [],
    replay: async (workflows) => {
      replayed.push(workflows.map(({ runId }) => runId));
      return { checked: workflows.length, diverged };
    },
    pause,
  };
  return { made, replayed, pause };
}

describe('the check of what is open', () => {
  it('replays nothing, and waits for nothing, in an empty namespace', async () => {
    const { made, replayed, pause } = reach([[]]);
    expect(await checkOpen(made)).toEqual({ checked: 0, diverged: [] });
    expect(replayed).toEqual([]);
    expect(pause).not.toHaveBeenCalled();
  });

  it('looks again for what visibility did not show yet, and replays nothing twice', async () => {
    const lists = [[open('a')], [open('a'), open('b')], [open('a'), open('b')]];
    const { made, replayed } = reach(lists);
    expect(await checkOpen(made)).toEqual({ checked: 2, diverged: [] });
    expect(replayed).toEqual([['a'], ['b']]);
  });

  it('samples entities only once', async () => {
    const lists = [[open('a'), open('c', 'cluster')], [open('d', 'cluster')]];
    const { made, replayed } = reach(lists);
    await checkOpen(made);
    expect(replayed).toEqual([['a', 'c']]);
  });

  it('comes to an end while work goes on to begin', async () => {
    const lists = ['a', 'b', 'c', 'd'].map((name) => [open(name)]);
    const { made, replayed } = reach(lists);
    await checkOpen(made);
    expect(replayed).toEqual([['a'], ['b'], ['c']]);
  });

  it('ends with the first divergence', async () => {
    const divergence = { workflowId: 'operation/a', workflowType: 'provision', reason: 'no' };
    const { made, replayed } = reach([[open('a')], [open('b')]], [divergence]);
    expect(await checkOpen(made)).toEqual({ checked: 1, diverged: [divergence] });
    expect(replayed).toEqual([['a']]);
  });
});
