import type { Transaction } from '../store.ts';

/** Microsoft.Insights/dataCollectionEndpoints: where clients send records. */
export interface CollectionEndpoint {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  readonly immutableId: string;
  /** Host names of its two doors. */
  readonly logsHost: string;
  readonly configurationHost: string;
}

interface StreamColumn {
  readonly name: string;
  /** `string`, `int`, `long`, `real`, `boolean`, `dynamic` or `datetime`. */
  readonly type: string;
}

/** Which streams go to which workspaces, and into which table there. */
interface DataFlow {
  readonly streams: readonly string[];
  readonly destinations: readonly string[];
  readonly outputStream?: string;
}

/** Microsoft.Insights/dataCollectionRules, as far as log ingestion goes. */
export interface CollectionRule {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Record<string, string>;
  /** `dcr-` and 32 hex digits: the name clients send to. */
  readonly immutableId: string;
  readonly endpointId?: string;
  readonly streams: Readonly<Record<string, { readonly columns: readonly StreamColumn[] }>>;
  readonly destinations: readonly { readonly workspaceResourceId: string; readonly name: string }[];
  readonly flows: readonly DataFlow[];
}

/** One record in a workspace; instants are epoch ms. */
export interface LogRecord {
  readonly id: string;
  /** The workspace's own GUID: it differs after a deletion for good. */
  readonly customerId: string;
  readonly table: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly timeGenerated: number;
  readonly ingestedAt: number;
  /** Queries see it from here on. */
  readonly arrivesAt: number;
  /** The cluster it lies on, with the cluster's own GUID; absent in shared storage. */
  readonly cluster?: { readonly id: string; readonly guid: string };
  /** `MMK`, or the identifier of the key version that protected it when it was written (R1, R2, R10). */
  readonly writtenUnder: string;
}

/** What a workspace was sent; a dropped record was accepted on the wire. */
export interface Tally {
  readonly accepted: number;
  readonly dropped: number;
}

const ENDPOINTS = 'dataCollectionEndpoints';
const RULES = 'dataCollectionRules';
const RECORDS = 'logRecords';
const TALLIES = 'logTallies';

/** Collections that `/state` tells as counts only. */
export const countedCollections: readonly string[] = [RECORDS, TALLIES];

export function findEndpoint(tx: Transaction, id: string): CollectionEndpoint | undefined {
  return tx.get<CollectionEndpoint>(ENDPOINTS, id);
}

export function listEndpoints(tx: Transaction): CollectionEndpoint[] {
  return tx.list<CollectionEndpoint>(ENDPOINTS);
}

export function saveEndpoint(tx: Transaction, endpoint: CollectionEndpoint): CollectionEndpoint {
  tx.put(ENDPOINTS, endpoint.id, endpoint);
  return endpoint;
}

export function findRule(tx: Transaction, id: string): CollectionRule | undefined {
  return tx.get<CollectionRule>(RULES, id);
}

export function listRules(tx: Transaction): CollectionRule[] {
  return tx.list<CollectionRule>(RULES);
}

export function saveRule(tx: Transaction, rule: CollectionRule): CollectionRule {
  tx.put(RULES, rule.id, rule);
  return rule;
}

export function listRecords(tx: Transaction, customerId: string): LogRecord[] {
  return tx.list<LogRecord>(RECORDS).filter((record) => record.customerId === customerId);
}

export function saveRecord(tx: Transaction, record: LogRecord): void {
  tx.put(RECORDS, record.id, record);
}

export function removeRecord(tx: Transaction, id: string): void {
  tx.remove(RECORDS, id);
}

export function tallyOf(tx: Transaction, customerId: string): Tally {
  return tx.get<Tally>(TALLIES, customerId) ?? { accepted: 0, dropped: 0 };
}

export function saveTally(tx: Transaction, customerId: string, tally: Tally): void {
  tx.put(TALLIES, customerId, tally);
}

/** The table a flow writes a stream to: `Custom-T_CL` means `T_CL`. */
export function tableOf(flow: DataFlow, stream: string): string {
  return (flow.outputStream ?? stream).replace(/^(?:Custom|Microsoft)-/u, '');
}
