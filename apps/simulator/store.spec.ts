import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Journal } from './journal.ts';
import { Store } from './store.ts';

let folder: string;
let journal: Journal;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-spec-'));
  reopen();
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function file(): string {
  return join(folder, 'journal.jsonl');
}

function reopen(): void {
  journal = new Journal(file());
  store = new Store({ journal, pace: 1 });
}

test('a transaction is one journal line', async () => {
  await store.transact(1, (tx) => {
    tx.put('things', 'A', { n: 1 });
    tx.put('things', 'b', { n: 2 });
    tx.put('things', 'a', { n: 3 });
  });
  const lines = readFileSync(file(), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual([
    ['things', 'a', { n: 3 }],
    ['things', 'b', { n: 2 }],
  ]);
});

test('a transaction that only reads writes nothing', async () => {
  await store.transact(1, (tx) => tx.list('things'));
  expect(readFileSync(file(), 'utf8')).toBe('');
});

test('replay brings back documents, their order, and what is due', async () => {
  await store.transact(1, (tx) => {
    for (const name of ['c', 'a', 'b']) tx.put('things', name, { name });
    tx.at(50, 'bell', { n: 1 });
  });
  await store.transact(2, (tx) => tx.remove('things', 'A'));
  await store.transact(3, (tx) => tx.put('things', 'a', { name: 'a again' }));
  const before = store.read('things');
  journal.close();
  reopen();
  expect(store.read('things')).toEqual(before);
  expect(before).toEqual([{ name: 'c' }, { name: 'b' }, { name: 'a again' }]);
  expect(store.nextEffect()).toMatchObject({ dueAt: 50, effect: 'bell', args: { n: 1 } });
});

test('a line that a crash cut short is removed, with a warning, and writing goes on after it', async () => {
  await store.transact(1, (tx) => tx.put('things', 'a', { n: 1 }));
  journal.close();
  appendFileSync(file(), '[["things","b",{"n"');
  const warning = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  reopen();
  expect(warning).toHaveBeenCalledWith(expect.stringContaining('cut 19 bytes'));
  await store.transact(2, (tx) => tx.put('things', 'c', { n: 3 }));
  journal.close();
  reopen();
  expect(store.read('things')).toEqual([{ n: 1 }, { n: 3 }]);
});

test('a damaged line in the middle is an error that names it', () => {
  journal.close();
  appendFileSync(file(), 'not json\n[]\n');
  expect(reopen).toThrow(/line 1 is not a journal line/u);
});

describe('a transaction that throws', () => {
  beforeEach(async () => {
    await store.transact(1, (tx) => {
      for (const name of ['a', 'b', 'c']) tx.put('things', name, { name });
    });
    const failing = store.transact(2, (tx) => {
      tx.remove('things', 'a');
      tx.put('things', 'b', { name: 'changed' });
      tx.put('things', 'd', { name: 'd' });
      tx.at(9, 'bell', {});
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
  });

  test('leaves everything as it was, in its place', () => {
    expect(store.read('things')).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(store.nextEffect()).toBeUndefined();
  });

  test('leaves no trace in the journal', () => {
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

test('a stored document cannot be changed in place', async () => {
  await store.transact(1, (tx) => tx.put('things', 'a', { list: [1] }));
  const found = store.find<{ list: number[] }>('things', 'A');
  expect(() => found?.list.push(2)).toThrow(TypeError);
});

test("the pace divides Azure's work and leaves calendar instants alone", async () => {
  store = new Store({ journal, pace: 60 });
  await store.transact(1000, (tx) => {
    tx.afterWork(120_000, 'work', {});
    tx.at(2500, 'date', {});
  });
  expect(store.nextEffect()).toMatchObject({ effect: 'date', dueAt: 2500 });
  expect(store.read('$effects')).toContainEqual(
    expect.objectContaining({ effect: 'work', dueAt: 3000 }),
  );
});
