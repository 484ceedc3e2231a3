import { Client } from 'pg';

/** What brings a database from one version of the ledger's tables to the next, in order; never edited, only added to. */
const migrations: readonly string[] = [
  `
  create table keyturn_ledger.events (
    position bigint generated always as identity primary key,
    stream text not null,
    seq integer not null,
    operation_id text,
    chain text not null,
    chain_position integer not null,
    hash text not null,
    body text not null,
    unique (stream, seq),
    unique (chain, chain_position)
  );
  create index events_of_operation on keyturn_ledger.events (operation_id, position)
    where operation_id is not null;
  create table keyturn_ledger.chains (
    chain text primary key,
    length integer not null,
    head text not null
  );
  create function keyturn_ledger.refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'the ledger is append-only'; end $$;
  create trigger events_are_kept before update or delete or truncate on keyturn_ledger.events
    for each statement execute function keyturn_ledger.refuse_change();
  `,
  `
  create table keyturn_ledger.passed_bundles (
    position bigint generated always as identity primary key,
    hash text not null,
    passed_at timestamptz not null default now()
  );
  `,
];

const tableOfVersions = `
  create schema if not exists keyturn_ledger;
  create table if not exists keyturn_ledger.versions (
    version integer primary key,
    applied_at timestamptz not null default now()
  )`;

/** Any constant: whoever sets the tables up takes it first, so that two who do it at once do it in turn. */
const setUpLock = 5_217_430_001;

/**
 * Makes the ledger's tables in the PostgreSQL schema `keyturn_ledger`, or brings them up to date. Doing it
 * twice changes nothing. Gives back the version they are at now.
 * @param url of the database, as a role that may create a schema in it
 */
export async function setUpPostgresLedger(url: string): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'keyturn-ledger-schema' });
  await client.connect();
  try {
    await client.query('begin');
    const version = await migrate(client);
    await client.query('commit');
    return version;
  } finally {
    // What is not committed yet goes with the connection.
    await client.end();
  }
}

async function migrate(client: Client): Promise<number> {
  await client.query('select pg_advisory_xact_lock($1)', [setUpLock]);
  await client.query(tableOfVersions);
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(version), 0) as version from keyturn_ledger.versions',
  );
  const known = rows[0]?.version ?? 0;
  for (const [index, migration] of migrations.entries()) {
    if (index < known) continue;
    await client.query(migration);
    await client.query('insert into keyturn_ledger.versions (version) values ($1)', [index + 1]);
  }
  return Math.max(known, migrations.length);
}
