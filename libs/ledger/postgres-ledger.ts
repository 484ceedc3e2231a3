import { DatabaseError, Pool } from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { DomainEvent } from '#libs/domain/events.ts';
import { canonicalText, chainName, chainOf, emptyHead, linkHash } from './hash-chain.ts';
import { checkLength, judgeChain, noChain, toStretch } from './judge-chain.ts';
import type { ChainHead, Span } from './judge-chain.ts';
import { LedgerConflict, LedgerGap } from './ledger.ts';
import type {
  ChainLink,
  ChainStretch,
  ChainVerdict,
  Ledger,
  LedgerReader,
  StretchOf,
} from './ledger.ts';

/** Less than the two seconds that an appending activity has, so that its failure tells the cause. */
const connectWithinMs = 1_500;
/** A batch takes milliseconds; what takes longer waits for somebody else's lock. */
const statementWithinMs = 5_000;

/**
 * Opens the ledger in a PostgreSQL database whose tables are set up (`setUpPostgresLedger`). Nothing is asked
 * of the database yet, so that a worker starts, and its steps wait, while the database is away.
 */
export const openPostgresLedger = (url: string): Ledger =>
  new PostgresLedger(createPool({ connectionString: url, application_name: 'keyturn-worker' }));

/** The same for a process that never writes: the database itself refuses it. */
export const openPostgresLedgerReader = (url: string): LedgerReader =>
  new PostgresLedger(
    createPool({
      connectionString: url,
      application_name: 'keyturn-api',
      options: '-c default_transaction_read_only=on',
    }),
  );

function createPool(config: PoolConfig): Pool {
  const pool = new Pool({
    ...config,
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: statementWithinMs,
    // A lock or a network that swallows packets must not hold an appender for ever.
    query_timeout: statementWithinMs * 2,
    keepAlive: true,
  });
  // An idle connection that the database ends is replaced by the next query, which tells if it can not be.
  pool.on('error', () => {});
  return pool;
}

const undefinedTable = '42P01';
const undefinedSchema = '3F000';

/** Says what to do about tables that nobody has set up; any other error is clear by itself. */
function explained(error: unknown): unknown {
  const isMissing =
    error instanceof DatabaseError &&
    (error.code === undefinedTable || error.code === undefinedSchema);
  if (!isMissing) return error;
  const message =
    'opening the ledger: the database has no tables for it; run npm run ledger-schema';
  return new Error(message, { cause: error });
}

function explain(error: unknown): never {
  throw explained(error);
}

const insertRows = `
  insert into keyturn_ledger.events (stream, seq, operation_id, chain, chain_position, hash, body)
  select stream, seq, "operationId", chain, "chainPosition", hash, body
  from json_to_recordset($1) as row (stream text, seq integer, "operationId" text, chain text,
    "chainPosition" integer, hash text, body text)
  order by chain, "chainPosition"`;
const moveHead = 'update keyturn_ledger.chains set length = $2, head = $3 where chain = $1';
const selectLinks =
  'select chain_position as position, hash, body as text from keyturn_ledger.events where chain = $1';
const at = `(body::json ->> 'at')`;
const beginSnapshot = 'begin isolation level repeatable read';

class PostgresLedger implements Ledger {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async append(events: readonly DomainEvent[]): Promise<DomainEvent[]> {
    if (events.length === 0) return [];
    return await this.#transaction('begin', async (client) => {
      const chains = await holdChains(client, events);
      const fresh = await notKept(client, events);
      if (fresh.length === 0) return [];
      const rows = fresh.map(({ event, body }) => {
        const name = chainOf(event);
        const { length, head } = chains.get(name) ?? noChain;
        const chain = { length: length + 1, head: linkHash(head, body) };
        chains.set(name, chain);
        return {
          ...toRow(event),
          chain: name,
          chainPosition: chain.length,
          hash: chain.head,
          body,
        };
      });
      await client.query(insertRows, [JSON.stringify(rows)]);
      for (const [name, { length, head }] of chains)
        await client.query(moveHead, [name, length, head]);
      return fresh.map(({ event }) => event);
    });
  }

  async read(stream: string, fromSeq = 1): Promise<DomainEvent[]> {
    return await this.#events(
      'select body from keyturn_ledger.events where stream = $1 and seq >= $2 order by seq',
      [stream, fromSeq],
    );
  }

  async readOperation(operationId: string): Promise<DomainEvent[]> {
    return await this.#events(
      'select body from keyturn_ledger.events where operation_id = $1 order by position',
      [operationId],
    );
  }

  async verifyChain(chain: string): Promise<ChainVerdict> {
    const name = chainName(chain);
    // One snapshot: an event appended between two queries would look like a broken chain.
    return await this.#transaction(beginSnapshot, async (client) => {
      const { rows } = await client.query<ChainLink>(`${selectLinks} order by 1`, [name]);
      return judgeChain(rows, await headOf(client, name));
    });
  }

  async stretch(of: StretchOf, atMost: number): Promise<ChainStretch | undefined> {
    return await this.#transaction(beginSnapshot, async (client) => {
      const span = await spanOf(client, of);
      if (span === undefined) return undefined;
      checkLength(span, atMost);
      const { rows } = await client.query<ChainLink>(
        `${selectLinks} and chain_position between $2 and $3 order by 1`,
        [span.chain, span.first - 1, span.last],
      );
      return toStretch(span, rows, await headOf(client, span.chain));
    });
  }

  async lastPassedBundle(): Promise<string | undefined> {
    const { rows } = await this.#pool
      .query<{ hash: string }>(
        'select hash from keyturn_ledger.passed_bundles order by position desc limit 1',
      )
      .catch(explain);
    return rows[0]?.hash;
  }

  async keepPassedBundle(hash: string): Promise<void> {
    await this.#pool
      .query('insert into keyturn_ledger.passed_bundles (hash) values ($1)', [hash])
      .catch(explain);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #events(sql: string, values: (string | number)[]): Promise<DomainEvent[]> {
    const { rows } = await this.#pool.query<{ body: string }>(sql, values).catch(explain);
    return rows.map(({ body }) => JSON.parse(body) as DomainEvent);
  }

  async #transaction<T>(begin: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // A connection that dies between two queries says so here, and would end the process if nobody listened.
    const notice = (error: Error) => {
      broken = error;
    };
    client.on('error', notice);
    try {
      await client.query(begin);
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(notice);
      throw explained(error);
    } finally {
      client.off('error', notice);
      client.release(broken);
    }
  }
}

const toRow = ({ stream, seq, operationId }: DomainEvent) => ({ stream, seq, operationId });

/**
 * Takes the chains of the events for this transaction, so that appenders to one chain go one after another.
 * In one order everywhere: two batches with the same chains never wait for each other in a circle.
 */
async function holdChains(
  client: PoolClient,
  events: readonly DomainEvent[],
): Promise<Map<string, ChainHead>> {
  const chains = new Map<string, ChainHead>();
  for (const name of [...new Set(events.map(chainOf))].toSorted()) {
    const { rows } = await client.query<ChainHead>(
      `insert into keyturn_ledger.chains (chain, length, head) values ($1, 0, $2)
       on conflict (chain) do update set chain = excluded.chain returning length, head`,
      [name, emptyHead],
    );
    chains.set(name, rows[0] ?? noChain);
  }
  return chains;
}

/**
 * The events that are not kept yet, each once.
 * @throws LedgerConflict when a place holds another one, LedgerGap when the place before one is empty
 */
async function notKept(client: PoolClient, events: readonly DomainEvent[]) {
  const places = events.flatMap(({ stream, seq }) => [
    { stream, seq },
    { stream, seq: seq - 1 },
  ]);
  const { rows } = await client.query<{ stream: string; seq: number; body: string }>(
    `select stream, seq, body from keyturn_ledger.events
     where (stream, seq) in (select * from unnest($1::text[], $2::integer[]))`,
    [places.map(({ stream }) => stream), places.map(({ seq }) => seq)],
  );
  const kept = new Map(rows.map((row) => [placeOf(row.stream, row.seq), row.body]));
  return events.flatMap((event) => {
    const { stream, seq } = event;
    const body = canonicalText(event);
    const known = kept.get(placeOf(stream, seq));
    if (known === body) return [];
    if (known !== undefined) throw new LedgerConflict(stream, seq);
    if (seq > 1 && !kept.has(placeOf(stream, seq - 1))) throw new LedgerGap(event);
    kept.set(placeOf(stream, seq), body);
    return { event, body };
  });
}

const placeOf = (stream: string, seq: number): string => `${seq} ${stream}`;

async function headOf(client: PoolClient, chain: string): Promise<ChainHead> {
  const { rows } = await client.query<ChainHead>(
    'select length, head from keyturn_ledger.chains where chain = $1',
    [chain],
  );
  return rows[0] ?? noChain;
}

async function spanOf(client: PoolClient, of: StretchOf): Promise<Span | undefined> {
  const [where, ...values] =
    'operationId' in of
      ? ['operation_id = $1', of.operationId]
      : [`chain = $1 and ${at} >= $2 and ${at} < $3`, chainName(of.chain), of.from, of.to];
  const { rows } = await client.query<Span>(
    `select chain, min(chain_position) as first, max(chain_position) as last
     from keyturn_ledger.events where ${where} group by chain order by 2 limit 1`,
    values,
  );
  return rows[0];
}
