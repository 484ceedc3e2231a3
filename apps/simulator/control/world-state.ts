import { storageState } from '../cluster-storage.ts';
import { describeLogs } from '../logs/describe-logs.ts';
import { countedCollections } from '../logs/documents.ts';
import type { World } from '../pipeline.ts';
import { listClusters } from '../providers/operational-insights/documents.ts';
import { settingsOf } from '../settings.ts';
import type { PendingEffect, Transaction } from '../store.ts';

/** Members that are nobody's business outside the simulator. */
const secretMembers: readonly string[] = ['clientSecret', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

/** Collections of which only a summary is told. */
const toldOtherwise: readonly string[] = ['storages', 'unwrapLogs', ...countedCollections];

/** The simulated world as plain JSON: clock, settings, what is due, and every collection without its secrets. */
export function describeWorld(tx: Transaction, world: World): object {
  const names = world.store
    .collections()
    .filter((name) => !name.startsWith('$') && !toldOtherwise.includes(name));
  return {
    now: tx.now,
    clock: world.clock.mode,
    settings: settingsOf(tx),
    due: tx
      .list<PendingEffect>('$effects')
      .toSorted((a, b) => a.dueAt - b.dueAt || a.seq - b.seq)
      .map(({ dueAt, effect, args }) => ({ dueAt, effect, args })),
    ...Object.fromEntries(names.map((name) => [name, tx.list<object>(name).map(withoutSecrets)])),
    storage: Object.fromEntries(
      listClusters(tx).map(({ id }) => [id, storageState(tx, id)] as const),
    ),
    logs: describeLogs(tx),
  };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !secretMembers.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, withoutSecrets(member)]));
}
