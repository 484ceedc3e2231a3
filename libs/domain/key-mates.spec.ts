import { expect, it } from 'vitest';

import { keyMateFindings } from './key-mates.ts';

const user = (id: string, version: string) => ({ id, version, isMoving: false });

it('names the others on the key, by whether they stay on their version or follow', () => {
  const users = [user('/Own', 'one'), user('/b', 'one'), user('/a', 'two'), user('/c', '')];
  expect(keyMateFindings(users, '/own').map(({ rule, reason }) => ({ rule, reason }))).toEqual([
    {
      rule: 'R95',
      reason: 'other clusters are on the key, and these stay on their version of it: /a, /b',
    },
    { rule: 'R93', reason: 'other clusters are on the key, and these follow it by themselves: /c' },
  ]);
});

it('says nothing of a key that serves one cluster', () => {
  expect(keyMateFindings([user('/own', 'one')], '/own')).toEqual([]);
});
