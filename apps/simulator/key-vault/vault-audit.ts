import type { Transaction } from '../store.ts';

/** One line of a vault's AuditEvent log. */
export interface AuditEntry {
  vault: string;
  /** Running number within the vault. */
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  /** Such as KeyGet, KeyWrap, KeyUnwrap, KeyCreate. */
  operation: string;
  callerObjectId: string;
  /** Key identifier or path that was asked for. */
  target: string;
  /** HTTP status of the answer. */
  status: number;
  /** Code of a refusal. */
  code?: string;
}

/** So many entries are kept per vault; older ones are overwritten. */
const KEPT = 500;

/** Writes an entry to the vault's audit log. */
export function writeAudit(tx: Transaction, entry: Omit<AuditEntry, 'seq' | 'at'>): void {
  const vault = entry.vault.toLowerCase();
  const seq = (tx.get<{ last: number }>('vaultAuditCursors', vault)?.last ?? 0) + 1;
  tx.put('vaultAuditCursors', vault, { last: seq });
  const complete: AuditEntry = { ...entry, vault, seq, at: tx.now };
  tx.put('vaultAudit', `${vault}/${seq % KEPT}`, complete);
}

/** The stored entries of a vault, oldest first. */
export function readAudit(tx: Transaction, vault: string): AuditEntry[] {
  return tx
    .list<AuditEntry>('vaultAudit')
    .filter((entry) => entry.vault === vault.toLowerCase())
    .toSorted((left, right) => left.seq - right.seq);
}
