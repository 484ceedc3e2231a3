import { randomUUID } from 'node:crypto';
import { findCluster, findLink } from '../providers/operational-insights/documents.ts';
import type { Workspace } from '../providers/operational-insights/documents.ts';
import { settingsOf } from '../settings.ts';
import type { Transaction } from '../store.ts';
import { MICROSOFT_KEY, openDataReach } from './data-reach.ts';
import { listRecords, removeRecord, saveRecord, saveTally, tallyOf } from './documents.ts';
import type { LogRecord } from './documents.ts';

const DAY_MS = 86_400_000;
/** From acceptance until queries see a record; Azure says twenty seconds to three minutes. */
const ARRIVAL_MS = 30_000;

/** A record with its declared columns; the time is ISO text. */
export type ShapedRecord = Readonly<Record<string, unknown>> & { readonly TimeGenerated: string };

/** Records on their way into one table of a workspace. */
export interface Delivery {
  readonly workspace: Workspace;
  readonly table: string;
  readonly records: readonly ShapedRecord[];
}

/** Where a workspace's new data goes, or that it is lost on the way. */
type Target = 'dropped' | Pick<LogRecord, 'cluster' | 'writtenUnder'>;

/**
 * Writes accepted records where the workspace's data goes now: to shared storage under Microsoft's key, or to its
 * cluster under the key in force there. What the cluster cannot take is dropped and counted (R38, R83).
 */
export function writeRecords(tx: Transaction, { workspace, table, records }: Delivery): void {
  const { customerId } = workspace;
  purgeExpired(tx, workspace);
  const tally = tallyOf(tx, customerId);
  const target = targetOf(tx, workspace);
  const lost = target === 'dropped' ? records.length : 0;
  saveTally(tx, customerId, {
    accepted: tally.accepted + records.length,
    dropped: tally.dropped + lost,
  });
  if (target === 'dropped') {
    tx.note('records dropped');
    return;
  }
  const arrivesAt = tx.now + Math.round(ARRIVAL_MS / settingsOf(tx).pace);
  for (const values of records) {
    const id = randomUUID();
    const timeGenerated = Date.parse(values.TimeGenerated);
    const written = { id, customerId, table, values, timeGenerated, arrivesAt, ...target };
    saveRecord(tx, { ...written, ingestedAt: tx.now });
  }
  tx.note('records written');
}

/** The records that retention has left (R86), those of lost clusters included. */
export function keptRecords(tx: Transaction, workspace: Workspace): LogRecord[] {
  const oldest = tx.now - workspace.retentionInDays * DAY_MS;
  return listRecords(tx, workspace.customerId).filter(({ ingestedAt }) => ingestedAt >= oldest);
}

function purgeExpired(tx: Transaction, workspace: Workspace): void {
  const kept = new Set(keptRecords(tx, workspace).map(({ id }) => id));
  for (const { id } of listRecords(tx, workspace.customerId)) {
    if (!kept.has(id)) removeRecord(tx, id);
  }
}

function targetOf(tx: Transaction, workspace: Workspace): Target {
  const link = findLink(tx, workspace.id);
  const cluster = link && findCluster(tx, link.clusterId);
  if (link === undefined || cluster === undefined) return { writtenUnder: MICROSOFT_KEY };
  if (cluster.provisioningState === 'Creating') return 'dropped';
  if (link.state === 'linking') return { writtenUnder: MICROSOFT_KEY };
  const place = { id: cluster.id, guid: cluster.clusterId };
  const reach = openDataReach(tx).ofCluster(place);
  if (reach === undefined || reach.outOfReach) return 'dropped';
  return { cluster: place, writtenUnder: reach.keySource };
}
