import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Journal } from './journal.ts';
import {
  clusterAt,
  clusterBody,
  linkAt,
  provide,
} from './providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from './simulated-azure.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { Store } from './store.ts';

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-crash-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that is stored, in its order. */
function printOf(store: Store): string {
  const all = store.collections().toSorted();
  const text = JSON.stringify(all.map((name) => [name, store.read(name)]));
  return createHash('sha256').update(text).digest('hex');
}

/** What of everything that can be begun is still going on when it ends. */
async function liveThrough(azure: SimulatedAzure): Promise<void> {
  const { id } = await provide(azure, 'clu-one');
  await azure.ask('PATCH', clusterAt('clu-one'), { body: { tags: { a: 'b' } } });
  const body = { properties: { writeAccessResourceId: id } };
  await azure.ask('PUT', linkAt('ws-payments'), { body });
  await azure.advance(3600);
  await azure.ask('DELETE', linkAt('ws-payments'));
  await azure.ask('PUT', clusterAt('clu-two'), { body: clusterBody });
  await azure.ask('PUT', clusterAt('clu-two'), { body: clusterBody });
  await azure.ask('POST', 'https://kv-logs.vault.azure.net/keys/kek/create', {
    apiVersion: '7.5',
    body: { kty: 'RSA', key_size: 2048 },
  });
  await azure.advance(15 * 86_400);
  await azure.ask('DELETE', clusterAt('clu-one'));
}

test('wherever a crash cuts the journal, what was answered before is there and nothing else', async () => {
  const original = join(folder, 'original');
  mkdirSync(original);
  const journal = join(original, 'journal.jsonl');
  const prints = new Map<number, string>();
  // oxlint-disable-next-line typescript/unbound-method -- called with its own object below
  const append = Journal.prototype.append;
  let store: Store | undefined;
  const spy = vi.spyOn(Journal.prototype, 'append').mockImplementation(function (
    this: Journal,
    lines,
  ) {
    append.call(this, lines);
    if (store) prints.set(statSync(journal).size, printOf(store));
  });
  const azure = await openSimulatedAzure({ folder: original, seed: 'rotation-due' });
  const planted = statSync(journal).size;
  store = azure.world.store;
  prints.set(planted, printOf(store));
  await liveThrough(azure);
  spy.mockRestore();
  await azure.close();
  const whole = readFileSync(journal);
  expect(prints.size).toBeGreaterThan(15);

  const cut = async (length: number): Promise<void> => {
    const place = mkdtempSync(join(folder, 'cut-'));
    cpSync(original, place, { recursive: true });
    writeFileSync(join(place, 'journal.jsonl'), whole.subarray(0, length));
    said = '';
    const replayed = new Journal(join(place, 'journal.jsonl'));
    const store = new Store({ journal: replayed, pace: 1 });
    const torn = length > 0 && whole[length - 1] !== 0x0a;
    expect(said).toMatch(
      torn ? /^reading .*: cut \d+ bytes of an unfinished last line\n$/u : /^$/u,
    );
    const kept = [...prints.keys()].filter((size) => size <= length).at(-1);
    if (kept !== undefined) expect(printOf(store)).toBe(prints.get(kept));
    replayed.close();
    const again = await openSimulatedAzure({ folder: place, seed: 'rotation-due' });
    const { world } = again;
    expect(world.store.nextEffect()?.dueAt ?? Infinity).toBeGreaterThan(world.clock.now());
    expect((await again.ask('GET', 'Microsoft.OperationalInsights/clusters')).status).toBe(200);
    await again.close();
    rmSync(place, { recursive: true });
  };
  const lengths = fc.oneof(
    fc.integer({ min: planted, max: whole.length }),
    fc.integer({ min: 0, max: planted }),
    fc.constantFrom(...prints.keys()),
  );
  await fc.assert(fc.asyncProperty(lengths, cut), { seed: 20_261_124, numRuns: 80 });
}, 60_000);
