import { describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { holds, readableSubscriptions, requireRole, toGranted } from './caller.ts';

const callerWith = (...roles: string[]): Caller => ({
  tenantId: 't',
  until: 0,
  person: { objectId: 'o', name: 'Ada' },
  granted: toGranted(roles),
});

describe('roles', () => {
  it('are read with and without a subscription; unknown words give nothing', () => {
    expect(toGranted(['reader', 'operator:S1', 'owner', 'admin:', 7])).toEqual([
      { role: 'reader' },
      { role: 'operator', subscriptionId: 'S1' },
    ]);
    expect(toGranted('admin')).toEqual([]);
  });

  it.each([
    ['operator', 'reader', true],
    ['approver', 'reader', true],
    ['admin', 'approver', true],
    ['reader', 'operator', false],
    ['operator', 'approver', false],
    ['approver', 'operator', false],
  ] as const)('%s may act as %s: %s', (held, wanted, expected) => {
    expect(holds(callerWith(held), [wanted], 's1')).toBe(expected);
  });

  it('of one subscription end there, whatever its case', () => {
    const caller = callerWith('operator:S1');
    expect(holds(caller, ['operator'], 's1')).toBe(true);
    expect(() => requireRole(caller, ['operator'], 's2')).toThrow(
      'this needs the role operator for subscription s2',
    );
  });

  it('limit what may be read, unless one of them has no limit', () => {
    expect(readableSubscriptions(callerWith('reader:S1', 'operator:s1', 'reader:s2'))).toEqual([
      's1',
      's2',
    ]);
    expect(readableSubscriptions(callerWith('reader:s1', 'reader'))).toBeUndefined();
  });
});
