import { findCluster } from '../providers/operational-insights/documents.ts';
import { settleStorage } from '../storage/access.ts';
import { findStorage } from '../storage/documents.ts';
import type { StorageAccess } from '../storage/documents.ts';
import type { Transaction } from '../store.ts';
import type { LogRecord } from './documents.ts';

/** What protects data that no customer key protects. */
export const MICROSOFT_KEY = 'MMK';

/** How far a cluster's data can be had now. */
export interface ClusterReach {
  /** Data cannot be read, and new data is dropped (R83). */
  readonly outOfReach: boolean;
  /** Key version that protects what the customer's key protects, or `MMK` (R97: always the newest binding). */
  readonly keySource: string;
}

/** Where a record stands: a deleted cluster takes its data along (R145). */
export type Standing = 'readable' | 'unreadable' | 'lost';

/** Looks at clusters and records as they stand at the transaction's instant, each cluster once. */
export interface DataReach {
  /** Undefined when there is no such cluster, or another one by that name. */
  readonly ofCluster: (cluster: { id: string; guid: string }) => ClusterReach | undefined;
  readonly ofRecord: (record: LogRecord) => Standing;
  /** What protects a record now. */
  readonly keySourceOf: (record: LogRecord) => string;
}

const unavailable: readonly StorageAccess[] = ['revoked', 'restoring', 'locked'];

export function openDataReach(tx: Transaction): DataReach {
  const seen = new Map<string, ClusterReach | undefined>();
  const ofCluster: DataReach['ofCluster'] = (cluster) => {
    if (!seen.has(cluster.guid)) seen.set(cluster.guid, look(tx, cluster));
    return seen.get(cluster.guid);
  };
  return {
    ofCluster,
    ofRecord({ cluster }) {
      if (cluster === undefined) return 'readable';
      const reach = ofCluster(cluster);
      if (reach === undefined) return 'lost';
      return reach.outOfReach ? 'unreadable' : 'readable';
    },
    keySourceOf({ cluster, writtenUnder }) {
      if (cluster === undefined || writtenUnder === MICROSOFT_KEY) return MICROSOFT_KEY;
      return ofCluster(cluster)?.keySource ?? writtenUnder;
    },
  };
}

function look(
  tx: Transaction,
  { id, guid }: { id: string; guid: string },
): ClusterReach | undefined {
  const found = findStorage(tx, id);
  if (findCluster(tx, id)?.clusterId !== guid || found === undefined) return undefined;
  const { access, accounts } = settleStorage(tx, found);
  return {
    outOfReach: unavailable.includes(access),
    keySource: accounts[0]?.wrapped?.kid ?? MICROSOFT_KEY,
  };
}
