import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DomainEvent } from '#libs/domain/events.ts';
import { canonicalText, chainName, chainOf, emptyHead, linkHash } from './hash-chain.ts';
import { LedgerConflict } from './ledger.ts';
import type { ChainVerdict, Ledger, LedgerReader } from './ledger.ts';

const schema = `
  create table if not exists events (
    position integer primary key autoincrement,
    stream text not null,
    seq integer not null,
    operation_id text,
    chain text not null,
    chain_position integer not null,
    hash text not null,
    body text not null,
    unique (stream, seq),
    unique (chain, chain_position)
  ) strict;
  create index if not exists events_of_operation on events (operation_id, position)
    where operation_id is not null;
  create table if not exists chains (
    chain text primary key,
    length integer not null,
    head text not null
  ) strict, without rowid;
  create trigger if not exists events_are_kept before delete on events
    begin select raise(abort, 'the ledger is append-only'); end;
  create trigger if not exists events_do_not_change before update on events
    begin select raise(abort, 'the ledger is append-only'); end;
`;

/** How long a writer waits for another process's transaction; theirs are as short as ours. */
const busyTimeoutMs = 5_000;

/**
 * Opens the ledger in a SQLite file, creating folder, file and tables as needed. Several processes may hold
 * it open: WAL lets readers go on while one writes. The driver is synchronous, so callers keep batches small.
 */
export function openSqliteLedger(path: string): Ledger {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('pragma journal_mode = wal; pragma synchronous = normal;');
  database.exec(schema);
  return new SqliteLedger(database);
}

/**
 * A reader of the ledger in a SQLite file, for a process that never writes it. The file is opened by the
 * first read that finds it; until a worker has made it, the ledger is empty.
 */
export function openSqliteLedgerReader(path: string): LedgerReader {
  let opened: SqliteLedger | undefined;
  const reader = (): LedgerReader => (opened ??= openExisting(path)) ?? emptyLedger;
  return {
    read: async (stream, fromSeq) => reader().read(stream, fromSeq),
    readOperation: async (operationId) => reader().readOperation(operationId),
    verifyChain: async (chain) => reader().verifyChain(chain),
    close: async () => opened?.close(),
  };
}

function openExisting(path: string): SqliteLedger | undefined {
  if (!existsSync(path)) return undefined;
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  const tables = database.prepare("select 1 from sqlite_schema where name = 'chains'").all();
  if (tables.length > 0) return new SqliteLedger(database);
  // Its worker is just making it.
  database.close();
  return undefined;
}

const emptyLedger: LedgerReader = {
  read: async () => [],
  readOperation: async () => [],
  verifyChain: async () => ({ intact: true, length: 0, head: emptyHead }),
  close: async () => {},
};

class SqliteLedger implements Ledger {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async append(events: readonly DomainEvent[]): Promise<DomainEvent[]> {
    if (events.length === 0) return [];
    // `immediate` takes the write lock first, so that two appenders queue instead of failing half-way.
    this.#database.exec('begin immediate');
    try {
      const fresh = events.filter((event) => this.#keep(event));
      this.#database.exec('commit');
      return fresh;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  async read(stream: string, fromSeq = 1): Promise<DomainEvent[]> {
    return this.#events('select body from events where stream = ? and seq >= ? order by seq', [
      stream,
      fromSeq,
    ]);
  }

  async readOperation(operationId: string): Promise<DomainEvent[]> {
    return this.#events('select body from events where operation_id = ? order by position', [
      operationId,
    ]);
  }

  async verifyChain(chain: string): Promise<ChainVerdict> {
    const name = chainName(chain);
    const rows = this.#database
      .prepare('select chain_position, hash, body from events where chain = ? order by 1')
      .iterate(name);
    let length = 0;
    let head = emptyHead;
    for (const { chain_position: position, hash, body } of rows) {
      length += 1;
      head = linkHash(head, String(body));
      if (position !== length)
        return { intact: false, position: length, reason: 'an event is missing' };
      if (hash !== head)
        return { intact: false, position: length, reason: 'the event does not match its hash' };
    }
    const kept = this.#head(name);
    if (kept.length !== length || kept.head !== head)
      return { intact: false, position: length + 1, reason: 'the end of the chain is missing' };
    return { intact: true, length, head };
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** Whether it was not kept before. */
  #keep(event: DomainEvent): boolean {
    const body = canonicalText(event);
    const known = this.#database
      .prepare('select body from events where stream = ? and seq = ?')
      .get(event.stream, event.seq);
    if (known !== undefined) {
      if (known['body'] !== body) throw new LedgerConflict(event.stream, event.seq);
      return false;
    }
    const chain = chainOf(event);
    const { length, head } = this.#head(chain);
    const hash = linkHash(head, body);
    this.#database
      .prepare(
        `insert into events (stream, seq, operation_id, chain, chain_position, hash, body)
         values (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(event.stream, event.seq, event.operationId ?? null, chain, length + 1, hash, body);
    this.#database
      .prepare(
        `insert into chains (chain, length, head) values (?, ?, ?)
         on conflict (chain) do update set length = excluded.length, head = excluded.head`,
      )
      .run(chain, length + 1, hash);
    return true;
  }

  #head(chain: string): { length: number; head: string } {
    const row = this.#database
      .prepare('select length, head from chains where chain = ?')
      .get(chain);
    if (row === undefined) return { length: 0, head: emptyHead };
    return { length: Number(row['length']), head: String(row['head']) };
  }

  #events(sql: string, parameters: (string | number)[]): DomainEvent[] {
    const rows = this.#database.prepare(sql).all(...parameters);
    return rows.map(({ body }) => JSON.parse(String(body)) as DomainEvent);
  }
}
