import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock } from './clock.ts';
import type { ClockMode } from './clock.ts';
import { defineEffect, settle } from './effects.ts';
import { Journal } from './journal.ts';
import { Store } from './store.ts';

let folder: string;
let wall: number;
let store: Store;

/** Rings, and rings again five milliseconds later until it has rung `left` times more. */
defineEffect('spec bell', (tx, { name, left }: { name: string; left: number }) => {
  tx.put('rings', `${tx.now}-${name}`, { name, at: tx.now });
  if (left > 0) tx.at(tx.now + 5, 'spec bell', { name, left: left - 1 });
});

defineEffect('spec mistake', () => {
  throw new Error('a mistake');
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-spec-'));
  store = new Store({ journal: new Journal(join(folder, 'journal.jsonl')), pace: 1 });
  wall = 1_000_000;
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function start(mode: ClockMode): Promise<Clock> {
  const clock = new Clock({ mode, store, wall: () => wall });
  await clock.start();
  return clock;
}

test('a real clock goes with the wall, and an advance stays on top of it', async () => {
  const clock = await start('real');
  wall += 500;
  expect(clock.now()).toBe(1_000_500);
  await clock.advance(60);
  wall += 500;
  expect(clock.now()).toBe(1_061_000);
});

test('a manual clock stands until it is moved', async () => {
  const clock = await start('manual');
  wall += 500;
  expect(clock.now()).toBe(1_000_000);
  await clock.advance(1.5);
  expect(clock.now()).toBe(1_001_500);
});

test('a follow clock is the largest instant that a request has named', async () => {
  const clock = await start('follow');
  const seen: number[] = [];
  for (const header of ['1500000', '1200000', undefined, 'soon', '1500001']) {
    await clock.observe(header);
    seen.push(clock.now());
  }
  expect(seen).toEqual([1_500_000, 1_500_000, 1_500_000, 1_500_000, 1_500_001]);
});

test('no other clock listens to requests', async () => {
  const clock = await start('manual');
  await clock.observe('9000000');
  expect(clock.now()).toBe(1_000_000);
});

test('a restart does not turn time back, whatever the mode was', async () => {
  const before = await start('manual');
  await before.advance(14 * 86_400);
  wall += 1000;
  const after = await start('real');
  expect(after.now()).toBe(before.now());
  wall += 1000;
  expect(after.now()).toBe(1_000_000 + 14 * 86_400_000 + 1000);
});

test('due effects are applied by instant, then by order of scheduling, each at its own time', async () => {
  await store.transact(0, (tx) => {
    tx.at(20, 'spec bell', { name: 'late', left: 0 });
    tx.at(10, 'spec bell', { name: 'first', left: 1 });
    tx.at(10, 'spec bell', { name: 'second', left: 0 });
    tx.at(31, 'spec bell', { name: 'not yet', left: 0 });
  });
  await settle(store, 30);
  expect(store.read('rings')).toEqual([
    { name: 'first', at: 10 },
    { name: 'second', at: 10 },
    { name: 'first', at: 15 },
    { name: 'late', at: 20 },
  ]);
  expect(store.nextEffect()).toMatchObject({ dueAt: 31 });
});

test('an effect that fails is told on stderr and does not stop the others', async () => {
  const words = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await store.transact(0, (tx) => {
    tx.at(10, 'spec mistake', {});
    tx.at(20, 'spec bell', { name: 'after', left: 0 });
  });
  await settle(store, 30);
  expect(words).toHaveBeenCalledWith(expect.stringContaining('settling spec mistake'));
  expect(store.read('rings')).toEqual([{ name: 'after', at: 20 }]);
});
