import { describe, expect, it } from 'vitest';

import { chooseOpen } from './choose-open.ts';

const open = (type: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    workflowId: `${type}/${index}`,
    runId: 'r',
    type,
  }));
const idsOf = (chosen: readonly { workflowId: string }[]) =>
  chosen.map(({ workflowId }) => workflowId);

describe('what is replayed', () => {
  it('is every operation, however many', () => {
    expect(chooseOpen(open('provision', 500), 10)).toHaveLength(500);
  });

  it('is every entity of a small fleet', () => {
    expect(chooseOpen(open('cluster', 3))).toHaveLength(3);
  });

  it('is a sample of a large fleet, from the newest to the oldest', () => {
    const chosen = chooseOpen([...open('cluster', 1_000), ...open('adopt', 1)], 4);
    expect(idsOf(chosen)).toEqual([
      'adopt/0',
      'cluster/0',
      'cluster/250',
      'cluster/500',
      'cluster/750',
    ]);
  });

  it('names no entity twice', () => {
    const chosen = idsOf(chooseOpen(open('cluster', 201)));
    expect(new Set(chosen).size).toBe(200);
  });

  it('is nothing where nothing is open', () => {
    expect(chooseOpen([])).toEqual([]);
  });
});
