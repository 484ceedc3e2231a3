import type { Ledger, LedgerReader } from './ledger.ts';
import { openPostgresLedger, openPostgresLedgerReader } from './postgres-ledger.ts';
import { openSqliteLedger, openSqliteLedgerReader } from './sqlite-ledger.ts';

/** Whether a place is a PostgreSQL database, not a file. */
export const isDatabaseUrl = (place: string): boolean => /^postgres(?:ql)?:\/\//u.test(place);

/** Opens the ledger at a place: the URL of a PostgreSQL database (postgres://…), or else the path of a SQLite file. */
export const openLedger = (place: string): Ledger =>
  isDatabaseUrl(place) ? openPostgresLedger(place) : openSqliteLedger(place);

/** The same for a process that never writes. */
export const openLedgerReader = (place: string): LedgerReader =>
  isDatabaseUrl(place) ? openPostgresLedgerReader(place) : openSqliteLedgerReader(place);
