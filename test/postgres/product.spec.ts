import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { openLedgerReader } from '#libs/ledger/open-ledger.ts';
import { readToolsConfig } from '../../tools/config.ts';
import { readTraces } from '../../tools/demo/azure-traces.ts';
import { blowsOn, killAt } from '../../tools/demo/kills.ts';
import { verifyEvidence } from '../../tools/evidence/verify-evidence.ts';
import { projectRoot } from '../../tools/project.ts';
import { findOwnServer } from '../../tools/temporal-server/find-server.ts';
import { startTemporalServer } from '../../tools/temporal-server/temporal-server.ts';
import type { TemporalServer } from '../../tools/temporal-server/temporal-server.ts';
import { endOf } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';
import { setUpTemporal } from './temporal-schema.ts';

const run = promisify(execFile);
const isInstalled = findPostgres() !== undefined;

describe.runIf(isInstalled)('the product on PostgreSQL', () => {
  let postgres: PostgresServer;
  let temporal: TemporalServer;
  let dataFolder: string;
  let product: Product;
  const said: string[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
    await setUpTemporal(postgres);
    const ledger = await setUpLedger();
    dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-temporal-'));
    const tell = (line: string) => void said.push(line);
    const program = await findOwnServer({ config: readToolsConfig(), tell });
    temporal = await startTemporalServer({
      program,
      dataFolder,
      time: 'real',
      postgres,
      log: tell,
    });
    product = await startProduct(temporal.address, { ...realTime, ledger });
  });

  afterAll(async () => {
    await product.stop();
    await temporal.stop();
    await postgres.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  async function query(database: string, sql: string) {
    const client = new Client({ connectionString: postgres.url(database) });
    await client.connect();
    try {
      return await client.query<{ count: number }>(sql);
    } finally {
      await client.end();
    }
  }

  async function count(database: string, table: string): Promise<number | undefined> {
    const { rows } = await query(database, `select count(*)::integer as count from ${table}`);
    return rows[0]?.count;
  }

  /** By the script that production uses. */
  async function setUpLedger(): Promise<string> {
    await query('postgres', 'create database keyturn');
    const url = postgres.url('keyturn');
    await run(process.execPath, [join(projectRoot, 'dist/tools/ledger-schema/main.js')], {
      env: { KEYTURN_LEDGER: url },
    });
    return url;
  }

  it('survives a killed worker and a crash of the database, and does nothing twice', async () => {
    const { stack } = product;
    const body = orderFor(stack.simulator, 'clu-postgres');
    const atTheCluster = blowsOn(body).slice(1, 2);
    const killing = killAt(stack, atTheCluster, {});
    const client = product.as('operator');
    const { operationId } = await client.provisionCluster(body);
    expect(await killing).toHaveLength(1);
    expect(hasEnded(await client.readOperation(operationId))).toBe(false);
    await postgres.crash();
    await postgres.start();
    expect(await endOf(client, operationId)).toMatchObject({ state: 'succeeded' });

    const traces = await readTraces(stack.simulator, body);
    expect(traces).toMatchObject({ clusterCreations: 1, keyCreations: 1 });
    expect(traces.links.every(({ made }) => made === 1)).toBe(true);

    expect(await count('temporal', 'history_node')).toBeGreaterThan(0);
    expect(await count('temporal_visibility', 'executions_visibility')).toBeGreaterThan(0);
    const ledger = openLedgerReader(stack.ledger);
    const kept = await ledger.read(operationWorkflowId(operationId));
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
    expect(kept.filter(({ type }) => type === 'OperationEnded')).toHaveLength(1);
    const chain = await ledger.verifyChain(formatClusterId(body.cluster));
    expect(chain).toMatchObject({ intact: true, length: kept.length });
    await ledger.close();

    const bundle = await product.as('reader').readOperationEvidence(operationId);
    expect(verifyEvidence(JSON.stringify(bundle)).problems).toEqual([]);
  });
});
