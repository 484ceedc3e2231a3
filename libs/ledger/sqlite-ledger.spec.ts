import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkHash } from './hash-chain.ts';
import { describeLedger, sampleEvent } from './ledger-conformance.ts';
import type { Ledger } from './ledger.ts';
import { openSqliteLedger, openSqliteLedgerReader } from './sqlite-ledger.ts';

describeLedger('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-ledger-'));
  const path = join(folder, 'data', 'ledger.sqlite');
  const ledger = openSqliteLedger(path);
  return {
    ledger,
    reopen: async () => openSqliteLedger(path),
    remove: async () => {
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('a reader of a SQLite ledger', () => {
  const { stream } = sampleEvent(1);
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyturn-ledger-'));
    path = join(folder, 'ledger.sqlite');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is empty while there is no file, and makes none', async () => {
    const reader = openSqliteLedgerReader(path);
    expect(await reader.read(stream)).toEqual([]);
    expect(await reader.readOperation('o-1')).toEqual([]);
    expect(await reader.verifyChain(stream)).toMatchObject({ intact: true, length: 0 });
    await reader.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('sees what is kept after it was opened', async () => {
    const reader = openSqliteLedgerReader(path);
    expect(await reader.read(stream)).toEqual([]);
    const ledger = openSqliteLedger(path);
    await ledger.append([sampleEvent(1)]);
    expect(await reader.read(stream)).toEqual([sampleEvent(1)]);
    await ledger.append([sampleEvent(2)]);
    expect(await reader.read(stream, 2)).toEqual([sampleEvent(2)]);
    await ledger.close();
    await reader.close();
  });

  it('reads the file that was put in place of another, and says when there is none', async () => {
    const first = openSqliteLedger(path);
    await first.append([sampleEvent(1)]);
    await first.close();
    const reader = openSqliteLedgerReader(path);
    expect(await reader.read(stream)).toHaveLength(1);
    await rename(path, `${path}.old`);
    await expect(reader.read(stream)).rejects.toThrow(`reading the ledger: ${path} is gone`);
    const second = openSqliteLedger(path);
    await second.append([sampleEvent(1), sampleEvent(2)]);
    expect(await reader.read(stream)).toHaveLength(2);
    await Promise.all([second.close(), reader.close()]);
  });

  it('is empty while the file has no tables', async () => {
    new DatabaseSync(path).exec('pragma journal_mode = wal');
    const reader = openSqliteLedgerReader(path);
    expect(await reader.read(stream)).toEqual([]);
    await reader.close();
  });
});

describe('a SQLite ledger that cannot be written', () => {
  let folder: string;
  let path: string;
  let ledger: Ledger;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyturn-ledger-'));
    path = join(folder, 'ledger.sqlite');
    ledger = openSqliteLedger(path);
    await ledger.append([sampleEvent(1)]);
  });
  afterEach(async () => {
    await ledger.close();
    await rm(folder, { recursive: true });
  });

  const seqs = async () => (await ledger.read(sampleEvent(1).stream)).map(({ seq }) => seq);

  it('refuses while somebody else holds it, and soon', async () => {
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const asked = performance.now();
    await expect(ledger.append([sampleEvent(2)])).rejects.toThrow('database is locked');
    expect(performance.now() - asked).toBeLessThan(2_000);
    other.exec('rollback');
    other.close();
    await ledger.append([sampleEvent(2)]);
    expect(await seqs()).toEqual([1, 2]);
  });

  it('refuses while its file is elsewhere, where nobody would look for the events', async () => {
    await rename(path, `${path}.away`);
    await expect(ledger.append([sampleEvent(2)])).rejects.toThrow('no longer the file');
    await writeFile(path, '');
    await expect(ledger.append([sampleEvent(2)])).rejects.toThrow('no longer the file');
    await rename(`${path}.away`, path);
    await ledger.append([sampleEvent(2)]);
    expect(await seqs()).toEqual([1, 2]);
  });

  it('refuses when it is full, keeping nothing of the batch', async () => {
    const full = new DatabaseSync(path);
    full.exec(
      "create trigger full before insert on events when new.seq = 3 begin select raise(abort, 'database or disk is full'); end",
    );
    await expect(ledger.append([sampleEvent(2), sampleEvent(3)])).rejects.toThrow('full');
    expect(await seqs()).toEqual([1]);
    full.close();
  });
});

describe('a SQLite ledger in the hands of a forger', () => {
  const cluster = sampleEvent(1).cluster ?? '';
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyturn-ledger-'));
    path = join(folder, 'ledger.sqlite');
    const ledger = openSqliteLedger(path);
    await ledger.append([sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
    await ledger.close();
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function forge(sql: string): void {
    const database = new DatabaseSync(path);
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  }

  async function verdict() {
    const ledger = openSqliteLedger(path);
    const seen = await ledger.verifyChain(cluster);
    await ledger.close();
    return seen;
  }

  const unlock = 'drop trigger events_are_kept; drop trigger events_do_not_change;';

  it.each(['delete from events', "update events set body = '{}'"])('refuses to %s', (sql) => {
    expect(() => forge(sql)).toThrow('the ledger is append-only');
  });

  it('shows an event that was changed', async () => {
    forge(`${unlock} update events set body = replace(body, 'step 2', 'step 9');`);
    expect(await verdict()).toEqual({
      intact: false,
      position: 2,
      reason: 'the event does not match its hash',
    });
  });

  it('shows an event that was taken out', async () => {
    forge(`${unlock} delete from events where seq = 2;`);
    expect(await verdict()).toEqual({
      intact: false,
      position: 2,
      reason: 'an event is missing',
    });
  });

  it('shows an end that was cut off', async () => {
    forge(`${unlock} delete from events where seq = 3;`);
    expect(await verdict()).toEqual({
      intact: false,
      position: 3,
      reason: 'the end of the chain is missing',
    });
  });
});

describe('linkHash', () => {
  it('depends on the hash before and on the text', () => {
    const hashes = [linkHash('a', 'x'), linkHash('b', 'x'), linkHash('a', 'y')];
    expect(new Set(hashes).size).toBe(3);
  });

  it('is the sha256 anybody can compute from a stored row', () => {
    expect(linkHash('a', 'x')).toBe(
      'e51ab99a9ebc2d51f9434cac26245e24f6bcff98712a04834ede9287478f1b25',
    );
  });
});
