import { describe, expect, it } from 'vitest';

import {
  keyMateFindings,
  rotatedTogether,
  togetherStep,
  withMates,
  type KeyMate,
} from './key-mates.ts';

const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
const idOf = (name: string, subscription = 's') =>
  `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/${name}`;
const mate = (name: string, version: string, state?: KeyMate['state']): KeyMate => ({
  id: idOf(name),
  version,
  isMoving: false,
  ...(state && { state }),
});
const cluster = { subscriptionId: 'S', resourceGroup: 'G', name: 'own' };
const all = { cluster, clusters: 'all' } as const;
const told = (...given: Parameters<typeof keyMateFindings>) =>
  keyMateFindings(...given).map(({ rule, reason }) => `${rule} ${reason}`);

it('names the others on the key, by whether they stay on their version or follow', () => {
  const users = [mate('Own', one), mate('b', one), mate('a', two), mate('c', '')];
  expect(told(users, { cluster })).toEqual([
    `R95 other clusters are on the key, and these stay on their version of it: ${idOf('a')}, ${idOf('b')}`,
    `R93 other clusters are on the key, and these follow it by themselves: ${idOf('c')}`,
  ]);
});

it('says nothing of a key that serves one cluster', () => {
  expect(keyMateFindings([mate('own', one)], { cluster })).toEqual([]);
});

describe('a rotation of all clusters of a key', () => {
  const mates: KeyMate[] = [
    mate('own', one, 'protected'),
    mate('b', one, 'protected'),
    mate('a', one, 'protected'),
    mate('following', '', 'protected'),
    mate('unknown', one),
    mate('revoked', one, 'revoked'),
    { ...mate('far', one, 'protected'), id: idOf('far', 'other') },
  ];
  const together = rotatedTogether(mates, all, { to: undefined, begun: {} });

  it('is of those that name a version and are looked after where it was allowed', () => {
    expect(together).toEqual([idOf('a'), idOf('b')]);
    expect(rotatedTogether(mates, { cluster }, { to: undefined, begun: {} })).toEqual([]);
  });

  it('tells of all the others what a person does about them', () => {
    const findings = keyMateFindings(mates, all, together);
    const [staying, unknown, following] = findings.map(({ reason }) => reason);
    expect(staying).toContain(`: ${idOf('far', 'other')}, ${idOf('revoked')}`);
    expect(unknown).toContain(`: ${idOf('unknown')}`);
    expect(findings[1]?.remedy).toContain('Adopt');
    expect(following).toContain(`: ${idOf('following')}`);
  });

  it('leaves out who is there already, until it has begun: then it stays the same plan', () => {
    const some = [mate('a', one, 'protected'), mate('b', two, 'protected')];
    expect(rotatedTogether(some, all, { to: two, begun: {} })).toEqual([idOf('a')]);
    const begun = { [togetherStep]: 'change' } as const;
    expect(rotatedTogether(some, all, { to: two, begun })).toEqual([idOf('a'), idOf('b')]);
  });

  it('has its step behind the bind, and none where there is nobody else', () => {
    const step = (name: string) => ({ name, title: name, target: '/own', effect: 'keep' }) as const;
    const plan = { steps: ['version', 'bind', 'soak'].map(step) };
    expect(withMates(plan, together).steps.map(({ name, target }) => `${name} ${target}`)).toEqual([
      'version /own',
      'bind /own',
      `${togetherStep} ${idOf('a')}, ${idOf('b')}`,
      'soak /own',
    ]);
    expect(withMates(plan, [])).toBe(plan);
  });
});
