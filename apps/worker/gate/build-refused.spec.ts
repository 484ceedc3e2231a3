import { describe, expect, it } from 'vitest';

import { BuildRefused } from './build-refused.ts';

const divergence = (name: string) => ({
  workflowId: `operation/${name}`,
  workflowType: 'provision',
  reason: 'steps have changed places',
});

describe('a refused build', () => {
  it('names the workflow, its type, why, and what would help', () => {
    expect(new BuildRefused(14, [divergence('a')]).message).toBe(
      [
        'refusing to serve: this build does not go on from 1 of 14 open histories:',
        '  operation/a (provision): steps have changed places',
        'Start the build that served before, which goes on from them. Then change released workflows',
        'only behind patched(), or let these end first.',
      ].join('\n'),
    );
  });

  it('names ten and counts the others', () => {
    const many = Array.from({ length: 12 }, (_, index) => divergence(String(index)));
    const { message } = new BuildRefused(12, many);
    expect(message).toContain('operation/9 ');
    expect(message).not.toContain('operation/10 ');
    expect(message).toContain('and 2 more');
  });
});
