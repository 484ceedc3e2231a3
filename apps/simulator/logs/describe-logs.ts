import { listWorkspaces } from '../providers/operational-insights/documents.ts';
import type { Transaction } from '../store.ts';
import { openDataReach } from './data-reach.ts';
import { tallyOf } from './documents.ts';
import type { LogRecord, Tally } from './documents.ts';
import { keptRecords } from './write-records.ts';

/** R5: what was ingested in so many days also lies in the hot cache. */
const HOT_CACHE_MS = 14 * 86_400_000;

/** Counts of records by key source: `MMK`, or the identifier of a key version. */
type BySource = Record<string, number>;

/** What became of the records sent to a workspace. */
interface WorkspaceLogs extends Tally {
  /** Kept records by what protected them when they were written. */
  readonly writtenUnder: BySource;
  /** Kept records by what protects them now (R97). */
  readonly readable: BySource;
  readonly unreadable: BySource;
  /** Gone with a deleted cluster (R145). */
  readonly lost: number;
  /** In the hot cache: emptied by a revocation, filled again after it (R84, R88). */
  readonly hotCache: number;
}

/** The records of every workspace in numbers, by the workspace's resource id (R182). */
export function describeLogs(tx: Transaction): Record<string, WorkspaceLogs> {
  const reach = openDataReach(tx);
  return Object.fromEntries(
    listWorkspaces(tx).map((workspace) => {
      const kept = keptRecords(tx, workspace);
      const standing = (wanted: string) =>
        kept.filter((record) => reach.ofRecord(record) === wanted);
      const readable = standing('readable');
      const recent = readable.filter(({ ingestedAt }) => ingestedAt > tx.now - HOT_CACHE_MS);
      const logs: WorkspaceLogs = {
        ...tallyOf(tx, workspace.customerId),
        writtenUnder: count(kept, ({ writtenUnder }) => writtenUnder),
        readable: count(readable, reach.keySourceOf),
        unreadable: count(standing('unreadable'), reach.keySourceOf),
        lost: standing('lost').length,
        hotCache: recent.length,
      };
      return [workspace.id, logs] as const;
    }),
  );
}

function count(records: readonly LogRecord[], sourceOf: (record: LogRecord) => string): BySource {
  const counts: BySource = {};
  for (const record of records) {
    const source = sourceOf(record);
    counts[source] = (counts[source] ?? 0) + 1;
  }
  return counts;
}
