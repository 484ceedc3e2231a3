import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { changedSteps, describeWait, drawOperation, drawStep, seconds } from './step-lines.ts';

const now = Date.parse('2026-01-01T00:01:00.000Z');
type StepView = OperationView['steps'][number];

const step = (changes: Partial<StepView>): StepView => ({
  name: 'vault',
  title: 'Vault',
  target: 'id',
  state: 'pending',
  ...changes,
});
const operation = (steps: StepView[]): OperationView => ({
  id: 'o',
  kind: 'provision',
  cluster: 'c',
  state: 'running',
  steps,
  findings: [],
  requestedBy: { objectId: 'p', name: 'P' },
  requestedAt: '2026-01-01T00:00:00.000Z',
  seq: 1,
});
const waiting = { reason: 'azure', detail: 'Azure creates it' } as const;
const plain = (text: string) => stripVTControlCharacters(text).replaceAll(/ {2,}/gu, '  ');

describe('drawStep', () => {
  it.each([
    [step({}), '· Vault'],
    [step({ state: 'running', startedAt: '2026-01-01T00:00:58.500Z' }), '▸ Vault  1.5 s'],
    [
      step({
        state: 'done',
        startedAt: '2026-01-01T00:00:10.000Z',
        endedAt: '2026-01-01T00:00:12.000Z',
        detail: 'made',
      }),
      '✓ Vault  2.0 s  made',
    ],
    [
      step({ state: 'waiting', startedAt: '2026-01-01T00:00:59.000Z', waiting }),
      '▸ Vault  1.0 s  waits: Azure creates it',
    ],
  ])('shows %j', (given, line) => {
    expect(plain(drawStep(given, now))).toBe(line);
  });
});

describe('describeWait', () => {
  it('names the due instant and the time until then', () => {
    expect(describeWait({ ...waiting, until: '2026-01-01T00:01:30.250Z' }, now)).toBe(
      'waits: Azure creates it, due 2026-01-01T00:01:30Z (in 30.3 s)',
    );
  });

  it('counts no time below zero', () => {
    expect(describeWait({ ...waiting, until: '2026-01-01T00:00:00.000Z' }, now)).toBe(
      'waits: Azure creates it, due now',
    );
  });
});

describe('drawOperation', () => {
  it('counts the steps that are done', () => {
    const [progress] = drawOperation(operation([step({ state: 'done' }), step({})]), now);
    expect(plain(progress ?? '')).toContain('1 of 2 steps, running');
  });

  it('shows a wait of the operation that belongs to no step', () => {
    const lines = drawOperation({ ...operation([step({})]), waiting }, now);
    expect(plain(lines.at(-1) ?? '')).toContain('waits: Azure creates it');
  });
});

describe('changedSteps', () => {
  it('tells a step once for each change', () => {
    const before = operation([step({ state: 'running' }), step({ name: 'key' })]);
    const after = operation([step({ state: 'waiting', waiting }), step({ name: 'key' })]);
    expect(changedSteps(undefined, before).map(({ name }) => name)).toEqual(['vault']);
    expect(changedSteps(before, after).map(({ name }) => name)).toEqual(['vault']);
    expect(changedSteps(after, after)).toEqual([]);
  });
});

describe('seconds', () => {
  it('turns to minutes and days when they say more', () => {
    const fortnight = 14 * 86_400_000;
    const told = [1_500, 600_000, fortnight].map(seconds);
    expect(told).toEqual(['1.5 s', '10.0 min', '14.0 days']);
  });
});
