import { createHash } from 'node:crypto';
import { readAudit } from '../key-vault/vault-audit.ts';
import { kidOf } from '../key-vault/key-documents.ts';
import { findVault } from '../key-vault/vault-documents.ts';
import type { Workspace } from '../providers/operational-insights/documents.ts';
import { settingsOf } from '../settings.ts';
import { unwrapsIn } from '../storage/unwrap-log.ts';
import type { Transaction } from '../store.ts';
import { auditSettingsTo } from './diagnostic-settings.ts';
import type { DiagnosticSetting } from './diagnostic-settings.ts';
import type { Column, Table } from './kql/table.ts';
import type { TimeRange } from './timespan.ts';

const NAME = 'AZKVAuditLogs';
const DAY_MS = 86_400_000;
/** From an operation in the vault until queries see it; Azure says ten minutes at most. */
const ARRIVAL_MS = 120_000;
const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** The columns that are filled here, of those of the table (azure-docs, AZKVAuditLogs). */
const columns: readonly Column[] = [
  { name: 'TenantId', type: 'string' },
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'OperationName', type: 'string' },
  { name: 'HttpStatusCode', type: 'int' },
  { name: 'ResultType', type: 'string' },
  { name: 'ResultSignature', type: 'string' },
  { name: 'ResultDescription', type: 'string' },
  { name: 'Id', type: 'string' },
  { name: 'RequestUri', type: 'string' },
  { name: 'Identity', type: 'dynamic' },
  { name: 'CorrelationId', type: 'string' },
  { name: 'CallerIpAddress', type: 'string' },
  { name: '_ResourceId', type: 'string' },
  { name: 'Type', type: 'string' },
];

/** What a vault tells of one operation. */
interface Entry {
  readonly at: number;
  readonly operation: string;
  readonly callerObjectId: string;
  readonly target: string;
  readonly status: number;
  readonly code?: string;
}

/**
 * The audit logs of the vaults that send theirs to the workspace (R14, R183): requests that clients made, and the
 * unwraps of clusters at their intervals. Undefined when that table is not asked for, or no vault sends it there.
 */
export function readVaultAudit(
  tx: Transaction,
  asked: { workspace: Workspace; range: TimeRange; name: string },
): Table | undefined {
  const { workspace, range, name } = asked;
  const settings = name === NAME ? auditSettingsTo(tx, workspace.id) : [];
  if (settings.length === 0) return undefined;
  const oldest = tx.now - workspace.retentionInDays * DAY_MS;
  const newest = tx.now - ARRIVAL_MS / settingsOf(tx).pace;
  const within = { from: Math.max(range.from, oldest), to: Math.min(range.to, newest) };
  const rows = settings.flatMap((setting) =>
    entriesOf(tx, setting, within).map((entry) => toRow(tx, { workspace, setting, entry })),
  );
  return { columns, rows };
}

function entriesOf(tx: Transaction, setting: DiagnosticSetting, range: TimeRange): Entry[] {
  const { vault, since } = setting;
  const within = { from: Math.max(range.from, since), to: range.to };
  const unwraps = unwrapsIn(tx, { vault, ...within }).map((unwrap): Entry => {
    const { at, callerObjectId, keyName, version, status } = unwrap;
    const kid = kidOf({ vault, name: keyName, version });
    const refused = status === 403 ? { code: 'Forbidden' } : {};
    return { at, operation: 'KeyUnwrap', callerObjectId, target: kid, status, ...refused };
  });
  const others = readAudit(tx, vault).filter(({ at }) => at >= within.from && at <= within.to);
  return [...others, ...unwraps].toSorted((left, right) => left.at - right.at);
}

function toRow(
  tx: Transaction,
  row: { workspace: Workspace; setting: DiagnosticSetting; entry: Entry },
): unknown[] {
  const { workspace, setting, entry } = row;
  const { at, operation, callerObjectId, target, status, code } = entry;
  const [kid] = /^https:\/\/[^/]+\/keys\/[^/?]+(?:\/[\da-f]{32})?/iu.exec(target) ?? [];
  const identity = { claim: { [OID]: callerObjectId } };
  const signature = status < 300 ? 'OK' : (code ?? String(status));
  const values: Record<string, unknown> = {
    TenantId: workspace.customerId,
    TimeGenerated: new Date(at).toISOString(),
    OperationName: operation,
    HttpStatusCode: status,
    ResultType: 'Success',
    ResultSignature: signature,
    ResultDescription: '',
    Id: kid ?? '',
    RequestUri: target,
    Identity: JSON.stringify(identity),
    CorrelationId: correlationOf(entry),
    CallerIpAddress: '203.0.113.10',
    _ResourceId: (findVault(tx, setting.vault)?.id ?? '').toLowerCase(),
    Type: NAME,
  };
  return columns.map(({ name }) => values[name] ?? null);
}

/** The same entry has the same id whenever it is read. */
function correlationOf({ at, operation, target }: Entry): string {
  const digest = createHash('sha256').update(`${at}/${operation}/${target}`).digest('hex');
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => digest.slice(ends[index - 1] ?? 0, end))
    .join('-');
}
