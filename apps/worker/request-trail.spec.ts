import { describe, expect, it } from 'vitest';

import { RequestTrail } from './request-trail.ts';

describe('a trail of requests', () => {
  it('gives the ids of one operation once', () => {
    const trail = new RequestTrail();
    trail.note('a', '1', 1);
    trail.note('b', '2', 1);
    trail.note('a', '3', 2);
    expect(trail.take('a')).toEqual({ azureRequestIds: ['1', '3'], attempt: 2 });
    expect(trail.take('a')).toEqual({});
  });

  it('keeps the latest of many', () => {
    const trail = new RequestTrail();
    for (let id = 1; id <= 30; id += 1) trail.note('a', String(id), 1);
    const { azureRequestIds } = trail.take('a');
    expect(azureRequestIds).toHaveLength(20);
    expect(azureRequestIds?.at(-1)).toBe('30');
  });

  it('forgets the oldest operation before it grows too large', () => {
    const trail = new RequestTrail();
    for (let id = 0; id <= 1000; id += 1) trail.note(`operation/${id}`, 'x', 1);
    expect(trail.take('operation/0')).toEqual({});
    expect(trail.take('operation/1')).not.toEqual({});
  });
});
