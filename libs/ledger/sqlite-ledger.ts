import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DomainEvent } from '#libs/domain/events.ts';
import { canonicalText, chainName, chainOf, linkHash } from './hash-chain.ts';
import { LedgerConflict, LedgerGap } from './ledger.ts';
import type {
  ChainLink,
  ChainStretch,
  ChainVerdict,
  Ledger,
  LedgerReader,
  StretchOf,
} from './ledger.ts';
import { checkLength, judgeChain, noChain, toStretch } from './judge-chain.ts';
import type { ChainHead, Span } from './judge-chain.ts';

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
  create table if not exists passed_bundles (
    position integer primary key autoincrement,
    hash text not null,
    passed_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ'))
  ) strict;
  create trigger if not exists events_are_kept before delete on events
    begin select raise(abort, 'the ledger is append-only'); end;
  create trigger if not exists events_do_not_change before update on events
    begin select raise(abort, 'the ledger is append-only'); end;
`;

const at = `json_extract(body, '$.at')`;

/**
 * How long one call waits for another process's transaction, which is as short as ours. The driver waits with
 * the whole process: a worker that cannot write must go on beating its heart, so others try again, not it.
 */
const busyTimeoutMs = 500;

/**
 * Opens the ledger in a SQLite file, creating folder, file and tables as needed. Several processes may hold
 * it open: WAL lets readers go on while one writes. The driver is synchronous, so callers keep batches small.
 */
export function openSqliteLedger(path: string): Ledger {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('pragma journal_mode = wal; pragma synchronous = full;');
  database.exec(schema);
  return new SqliteLedger(database, guardPlace(path));
}

/**
 * What is written to a file that was moved or deleted is lost, and no error says so. Gives a check that throws
 * when the file at the path is no longer the one that was opened.
 */
function guardPlace(path: string): () => void {
  const opened = identityOf(path);
  return () => {
    if (identityOf(path) !== opened)
      throw new Error(`appending to the ledger: ${path} is no longer the file that was opened`);
  };
}

/** Tells files at one path apart; undefined when there is none. */
const identityOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

/**
 * A reader of the ledger in a SQLite file, for a process that never writes it. Until a worker has made the
 * file, the ledger is empty; when another file is put in its place, that one is read. Throws when it is gone.
 */
export function openSqliteLedgerReader(path: string): LedgerReader {
  let opened: SqliteLedger | undefined;
  let file: number | undefined;
  const reader = (): LedgerReader => {
    const found = identityOf(path);
    if (opened !== undefined && found === undefined)
      throw new Error(`reading the ledger: ${path} is gone`);
    if (found !== file) {
      opened?.close().catch(() => {});
      opened = undefined;
      file = found;
    }
    return (opened ??= openExisting(path)) ?? emptyLedger;
  };
  return {
    read: async (stream, fromSeq) => reader().read(stream, fromSeq),
    readOperation: async (operationId) => reader().readOperation(operationId),
    verifyChain: async (chain) => reader().verifyChain(chain),
    stretch: async (of, atMost) => reader().stretch(of, atMost),
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
  verifyChain: async () => ({ intact: true, ...noChain }),
  stretch: async () => undefined,
  close: async () => {},
};

class SqliteLedger implements Ledger {
  readonly #database: DatabaseSync;
  readonly #checkPlace: () => void;

  constructor(database: DatabaseSync, checkPlace: () => void = () => {}) {
    this.#database = database;
    this.#checkPlace = checkPlace;
  }

  async append(events: readonly DomainEvent[]): Promise<DomainEvent[]> {
    if (events.length === 0) return [];
    this.#checkPlace();
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
    return this.#snapshot(() => judgeChain(this.#links(name, 1), this.#head(name)));
  }

  async stretch(of: StretchOf, atMost: number): Promise<ChainStretch | undefined> {
    return this.#snapshot(() => {
      const span = this.#spanOf(of);
      if (span === undefined) return undefined;
      checkLength(span, atMost);
      const links = [...this.#links(span.chain, span.first - 1, span.last)];
      return toStretch(span, links, this.#head(span.chain));
    });
  }

  async lastPassedBundle(): Promise<string | undefined> {
    const row = this.#database
      .prepare('select hash from passed_bundles order by position desc limit 1')
      .get();
    return row === undefined ? undefined : String(row['hash']);
  }

  async keepPassedBundle(hash: string): Promise<void> {
    this.#database.prepare('insert into passed_bundles (hash) values (?)').run(hash);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** Reads everything as it stands at one moment, whatever other processes append. */
  #snapshot<T>(read: () => T): T {
    this.#database.exec('begin');
    try {
      return read();
    } finally {
      this.#database.exec('rollback');
    }
  }

  #spanOf(of: StretchOf): Span | undefined {
    const [where, ...values] =
      'operationId' in of
        ? ['operation_id = ?', of.operationId]
        : [`chain = ? and ${at} >= ? and ${at} < ?`, chainName(of.chain), of.from, of.to];
    const row = this.#database
      .prepare(
        `select chain, min(chain_position) as first, max(chain_position) as last
         from events where ${where} group by chain order by 2 limit 1`,
      )
      .get(...values);
    if (row === undefined) return undefined;
    return { chain: String(row['chain']), first: Number(row['first']), last: Number(row['last']) };
  }

  *#links(chain: string, first: number, last = Number.MAX_SAFE_INTEGER): Generator<ChainLink> {
    const rows = this.#database
      .prepare(
        `select chain_position, hash, body from events
         where chain = ? and chain_position between ? and ? order by 1`,
      )
      .iterate(chain, first, last);
    for (const { chain_position: position, hash, body } of rows)
      yield { position: Number(position), hash: String(hash), text: String(body) };
  }

  /** Whether it was not kept before. */
  #keep(event: DomainEvent): boolean {
    const body = canonicalText(event);
    const known = this.#bodyAt(event.stream, event.seq);
    if (known !== undefined) {
      if (known !== body) throw new LedgerConflict(event.stream, event.seq);
      return false;
    }
    if (event.seq > 1 && this.#bodyAt(event.stream, event.seq - 1) === undefined)
      throw new LedgerGap(event);
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

  #bodyAt(stream: string, seq: number): string | undefined {
    const row = this.#database
      .prepare('select body from events where stream = ? and seq = ?')
      .get(stream, seq);
    return row === undefined ? undefined : String(row['body']);
  }

  #head(chain: string): ChainHead {
    const row = this.#database
      .prepare('select length, head from chains where chain = ?')
      .get(chain);
    return row === undefined
      ? noChain
      : { length: Number(row['length']), head: String(row['head']) };
  }

  #events(sql: string, parameters: (string | number)[]): DomainEvent[] {
    const rows = this.#database.prepare(sql).all(...parameters);
    return rows.map(({ body }) => JSON.parse(String(body)) as DomainEvent);
  }
}
