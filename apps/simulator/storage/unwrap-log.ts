import { findCluster } from '../providers/operational-insights/documents.ts';
import type { Transaction } from '../store.ts';

/** Each account comes back to the vault at its own interval between six and sixty seconds (R154). */
export const unwrapIntervalsMs: readonly number[] = [17_000, 43_000];

/** A time in which every unwrap of a cluster's storage met the same; instants are epoch ms. */
interface Stretch {
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
  readonly vault: string;
  readonly keyName: string;
  readonly version: string;
  readonly callerObjectId: string;
  readonly status: 200 | 403;
  readonly accounts: number;
}

interface UnwrapLog {
  readonly stretches: readonly Stretch[];
}

/** What decides of a storage how its unwraps go. */
interface Unwrapping {
  readonly clusterId: string;
  readonly accounts: readonly unknown[];
  readonly binding?: Pick<Stretch, 'vault' | 'keyName' | 'version'>;
  readonly reach: 'granted' | 'denied' | 'outage';
}

/** One unwrap as the vault's log tells it. */
export type Unwrap = Omit<Stretch, 'from' | 'to' | 'accounts'> & { readonly at: number };

const COLLECTION = 'unwrapLogs';
/** Older stretches than so many are forgotten. */
const KEPT = 50;

/** Begins a new stretch when the storage unwraps with another version, or meets something else, than before. */
export function noteUnwraps(tx: Transaction, storage: Unwrapping): void {
  const { stretches } = tx.get<UnwrapLog>(COLLECTION, storage.clusterId) ?? { stretches: [] };
  const last = stretches.at(-1);
  const now = stretchOf(tx, storage);
  const known = last?.to === undefined ? last : undefined;
  if (isSame(known, now)) return;
  const ended = stretches.map((one) => (one.to === undefined ? { ...one, to: tx.now } : one));
  const kept = [...ended, ...(now === undefined ? [] : [now])].slice(-KEPT);
  tx.put(COLLECTION, storage.clusterId, { stretches: kept } satisfies UnwrapLog);
}

/** The storage is gone: it does not come back to the vault. */
export function endUnwraps(tx: Transaction, clusterId: string): void {
  const log = tx.get<UnwrapLog>(COLLECTION, clusterId);
  const stretches = log?.stretches.map((one) => ({ ...one, to: one.to ?? tx.now }));
  if (stretches !== undefined) tx.put(COLLECTION, clusterId, { stretches } satisfies UnwrapLog);
}

/** Every unwrap in a vault within the range, told without having made each of them. */
export function unwrapsIn(
  tx: Transaction,
  { vault, from, to }: { vault: string; from: number; to: number },
): Unwrap[] {
  return tx
    .list<UnwrapLog>(COLLECTION)
    .flatMap(({ stretches }) => stretches)
    .filter((stretch) => stretch.vault.toLowerCase() === vault.toLowerCase())
    .flatMap((stretch) => attemptsOf(stretch, { from, to }));
}

function attemptsOf(stretch: Stretch, range: { from: number; to: number }): Unwrap[] {
  const { from, to = Number.POSITIVE_INFINITY, accounts, ...unwrap } = stretch;
  const end = Math.min(range.to, to - 1);
  return Array.from({ length: accounts }, (_, index) => intervalOf(index)).flatMap((interval) => {
    const first = Math.max(0, Math.ceil((range.from - from) / interval));
    const last = Math.floor((end - from) / interval);
    const rounds = Array.from({ length: Math.max(0, last - first + 1) }, (_, round) => round);
    return rounds.map((round) => ({ ...unwrap, at: from + (first + round) * interval }));
  });
}

const intervalOf = (account: number): number =>
  unwrapIntervalsMs[account % unwrapIntervalsMs.length] ?? 0;

/** Undefined where the vault logs nothing: no key of the customer's, or the vault is not reached. */
function stretchOf(tx: Transaction, storage: Unwrapping): Stretch | undefined {
  const { binding, reach, accounts, clusterId } = storage;
  const callerObjectId = findCluster(tx, clusterId)?.identity.principalId;
  if (binding === undefined || reach === 'outage' || callerObjectId === undefined) return undefined;
  const { vault, keyName, version } = binding;
  const status = reach === 'granted' ? 200 : 403;
  const known = { vault, keyName, version, callerObjectId, status } as const;
  return { from: tx.now, ...known, accounts: accounts.length };
}

function isSame(last: Stretch | undefined, now: Stretch | undefined): boolean {
  return (
    last?.vault === now?.vault &&
    last?.keyName === now?.keyName &&
    last?.version === now?.version &&
    last?.callerObjectId === now?.callerObjectId &&
    last?.status === now?.status
  );
}
