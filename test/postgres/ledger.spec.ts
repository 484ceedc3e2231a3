import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeLedger, sampleEvent } from '#libs/ledger/ledger-conformance.ts';
import { openPostgresLedger, openPostgresLedgerReader } from '#libs/ledger/postgres-ledger.ts';
import { setUpPostgresLedger } from '#libs/ledger/postgres-schema.ts';
import { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';

const isInstalled = findPostgres() !== undefined;

describe.runIf(isInstalled)('on a real PostgreSQL', () => {
  let server: PostgresServer;
  let made = 0;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  async function query(url: string, ...statements: readonly string[]): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  /** A database of its own with the ledger's tables. */
  async function freshDatabase(): Promise<string> {
    made += 1;
    const name = `ledger_${made}`;
    await query(server.url('postgres'), `create database ${name}`);
    const url = server.url(name);
    await setUpPostgresLedger(url);
    return url;
  }

  describeLedger('PostgreSQL', async () => {
    const url = await freshDatabase();
    const ledger = openPostgresLedger(url);
    return { ledger, reopen: async () => openPostgresLedger(url), remove: () => ledger.close() };
  });

  describe('the tables', () => {
    it('are set up once, however often and by however many', async () => {
      const url = await freshDatabase();
      const ledger = openPostgresLedger(url);
      await ledger.append([sampleEvent(1)]);
      const versions = await Promise.all([1, 2, 3].map(() => setUpPostgresLedger(url)));
      expect(new Set(versions).size).toBe(1);
      expect(await ledger.read(sampleEvent(1).stream)).toEqual([sampleEvent(1)]);
      await ledger.close();
    });

    it.each([
      'delete from keyturn_ledger.events',
      "update keyturn_ledger.events set body = '{}'",
      'truncate keyturn_ledger.events',
    ])('refuse to %s', async (statement) => {
      await expect(query(await freshDatabase(), statement)).rejects.toThrow(
        'the ledger is append-only',
      );
    });

    it('tell what is missing when nobody has set them up', async () => {
      await query(server.url('postgres'), 'create database bare');
      const ledger = openPostgresLedger(server.url('bare'));
      await expect(ledger.append([sampleEvent(1)])).rejects.toThrow('npm run ledger-schema');
      await ledger.close();
    });
  });

  it('needs no more rights than are documented', async () => {
    const url = await freshDatabase();
    const events = 'keyturn_ledger.events';
    const chains = 'keyturn_ledger.chains';
    await query(
      url,
      ...['keyturn_worker', 'keyturn_api'].map((role) => `create role ${role} login password 'p'`),
      'grant usage on schema keyturn_ledger to keyturn_worker, keyturn_api',
      `grant select on ${events}, ${chains} to keyturn_worker, keyturn_api`,
      `grant insert on ${events}, ${chains} to keyturn_worker`,
      `grant update on ${chains} to keyturn_worker`,
      'grant select, insert on keyturn_ledger.passed_bundles to keyturn_worker',
      'grant select, insert on keyturn_ledger.passed_bundles to keyturn_worker',
    );
    const as = (role: string) =>
      Object.assign(new URL(url), { username: role, password: 'p' }).href;
    const ledger = openPostgresLedger(as('keyturn_worker'));
    await ledger.append([sampleEvent(1)]);
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    await ledger.keepPassedBundle('a');
    expect(await ledger.lastPassedBundle()).toBe('a');
    const reader = openPostgresLedgerReader(as('keyturn_api'));
    expect(await reader.verifyChain(sampleEvent(1).cluster ?? '')).toMatchObject({ length: 2 });
    await Promise.all([ledger.close(), reader.close()]);
  });

  it('takes the password from outside the URL', async () => {
    const url = new URL(await freshDatabase());
    url.password = '';
    vi.stubEnv('PGPASSWORD', server.password);
    const ledger = openPostgresLedger(url.href);
    await ledger.append([sampleEvent(1)]);
    expect(await ledger.read(sampleEvent(1).stream)).toHaveLength(1);
    await ledger.close();
    vi.unstubAllEnvs();
  });

  it('gives a reader no way to write', async () => {
    const reader = openPostgresLedgerReader(await freshDatabase());
    const writer = reader as ReturnType<typeof openPostgresLedger>;
    await expect(writer.append([sampleEvent(1)])).rejects.toThrow('read-only transaction');
    await reader.close();
  });

  it.each([
    [
      'changed',
      "update keyturn_ledger.events set body = replace(body, 'step 2', 'step 9')",
      { position: 2, reason: 'the event does not match its hash' },
    ],
    [
      'taken out',
      'delete from keyturn_ledger.events where seq = 2',
      { position: 2, reason: 'an event is missing' },
    ],
    [
      'cut off',
      'delete from keyturn_ledger.events where seq = 3',
      { position: 3, reason: 'the end of the chain is missing' },
    ],
  ])('shows an event that was %s', async (...[, forgery, seen]) => {
    const url = await freshDatabase();
    const ledger = openPostgresLedger(url);
    await ledger.append([sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
    await query(url, 'alter table keyturn_ledger.events disable trigger all', forgery);
    expect(await ledger.verifyChain(sampleEvent(1).cluster ?? '')).toEqual({
      intact: false,
      ...seen,
    });
    await ledger.close();
  });

  it('refuses while the database is away, and goes on when it is back', async () => {
    const ledger = openPostgresLedger(await freshDatabase());
    await ledger.append([sampleEvent(1)]);
    await server.crash();
    await expect(ledger.append([sampleEvent(2)])).rejects.toThrow();
    await server.start();
    await ledger.append([sampleEvent(1), sampleEvent(2)]);
    const seqs = (await ledger.read(sampleEvent(1).stream)).map(({ seq }) => seq);
    expect(seqs).toEqual([1, 2]);
    await ledger.close();
  });
});
