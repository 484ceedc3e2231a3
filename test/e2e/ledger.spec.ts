import { rename, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { hasEnded } from '#libs/contracts/http/operation-views.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { openLedgerReader } from '#libs/ledger/open-ledger.ts';
import { verifyEvidence } from '../../tools/evidence/verify-evidence.ts';
import { readExchanges } from '../../tools/stack/simulator-control.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

const isBehind = ({ findings }: OperationView): boolean =>
  findings.some(({ code }) => code === 'ledger_behind');

interface Seen {
  readonly seq: number;
  readonly type: string;
}

/** The events of an operation as the API tells them. */
async function toldOf(operationId: string): Promise<Seen[]> {
  const told: Seen[] = [];
  const events = await product.as('reader').readEvents(operationId);
  for await (const { seq, type } of events ?? []) told.push({ seq, type });
  return told;
}

/** The events of an operation as the ledger keeps them. */
async function keptOf(operationId: string): Promise<Seen[]> {
  const ledger = openLedgerReader(product.stack.ledger);
  try {
    const events = await ledger.read(operationWorkflowId(operationId));
    return events.map(({ seq, type }) => ({ seq, type }));
  } finally {
    await ledger.close();
  }
}

/** Requests by which the worker has changed something in Azure. */
async function writesToAzure(): Promise<string[]> {
  const exchanges = await readExchanges(product.stack.simulator);
  return exchanges
    .filter(({ effects, principal }) => principal === 'keyturn' && effects.length > 0)
    .map(({ method, url }) => `${method} ${url}`);
}

it('holds the step while the ledger is held by others, says so, and keeps every event once', async () => {
  const order = orderFor(product.stack.simulator, 'clu-held');
  const client = product.as('operator');
  const other = new DatabaseSync(product.stack.ledger);
  other.exec('begin immediate');
  const { operationId } = await client.provisionCluster(order);
  const held = await operationWhen(client, operationId, isBehind);
  expect(held.state).toBe('running');
  expect(held.steps[0]).toMatchObject({ state: 'running' });
  expect(await writesToAzure()).toEqual([]);

  other.exec('rollback');
  other.close();
  expect(await endOf(client, operationId)).toMatchObject({ state: 'succeeded', findings: [] });
  const kept = await keptOf(operationId);
  expect(kept).toEqual(await toldOf(operationId));
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
  expect(kept.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['FindingRaised', 'FindingCleared', 'OperationEnded']),
  );

  const bundle = await product.as('reader').readOperationEvidence(operationId);
  expect(verifyEvidence(JSON.stringify(bundle))).toMatchObject({ problems: [] });
  expect(bundle.links).toHaveLength(kept.length);
  const tampered = JSON.stringify(bundle).replace('StepVerified', 'StepVerifled');
  expect(verifyEvidence(tampered).problems).toContainEqual(
    expect.stringContaining('does not match its hash'),
  );
});

it('hands out a period of the cluster that verifies', async () => {
  const { simulator } = product.stack;
  const { cluster } = orderFor(simulator, 'clu-held');
  const period = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
  const bundle = await product.as('reader').readClusterEvidence(cluster, period);
  expect(bundle.chain.name).toBe(formatClusterId(cluster).toLowerCase());
  expect(bundle.links).toHaveLength(bundle.chain.length);
  const noted = bundle.chain.head;
  expect(verifyEvidence(JSON.stringify(bundle), noted)).toMatchObject({ problems: [] });
});

it('says at the very end too that the ledger is gone, and keeps the end when it is back', async () => {
  const { ledger, simulator } = product.stack;
  const client = product.as('operator');
  const body = { ...orderFor(simulator, 'clu-end'), planOnly: true };
  await rename(ledger, `${ledger}.away`);
  const { operationId } = await client.provisionCluster(body);
  const ended = await whenBehind(operationId);
  expect(hasEnded(ended)).toBe(true);
  await rename(`${ledger}.away`, ledger);
  await expect
    .poll(async () => isBehind(await client.readOperation(operationId)), { timeout: 30_000 })
    .toBe(false);
  await expect
    .poll(async () => (await keptOf(operationId)).map(({ type }) => type), {
      timeout: 30_000,
    })
    .toEqual([
      'OperationRequested',
      'PlanMade',
      'OperationEnded',
      'FindingRaised',
      'FindingCleared',
    ]);
});

it('gives a ledger that was lost for good all events of what still runs', async () => {
  const { ledger, simulator, worker } = product.stack;
  const client = product.as('operator');
  const body = { ...orderFor(simulator, 'clu-lost'), acceptPlan: 'f'.repeat(64) };
  const { operationId } = await client.provisionCluster(body);
  await operationWhen(client, operationId, ({ state }) => state === 'awaiting-approval');
  await expect.poll(async () => (await keptOf(operationId)).length).toBe(3);
  await worker.stop();
  for (const part of ['', '-wal', '-shm']) await rm(`${ledger}${part}`, { force: true });
  await worker.start();
  expect(await keptOf(operationId)).toEqual([]);

  await client.cancelOperation(operationId);
  await endOf(client, operationId);
  await expect
    .poll(async () => (await keptOf(operationId)).map(({ type }) => type), { timeout: 30_000 })
    .toEqual(expect.arrayContaining(['OperationRequested', 'OperationEnded', 'FindingCleared']));
  const seqs = (await keptOf(operationId)).map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  const bundle = await product.as('reader').readOperationEvidence(operationId);
  expect(verifyEvidence(JSON.stringify(bundle)).problems).toEqual([]);
});

/** An operation that has ended is not watched on, so that its late finding is asked for. */
async function whenBehind(operationId: string): Promise<OperationView> {
  const client = product.as('operator');
  await expect
    .poll(async () => isBehind(await client.readOperation(operationId)), { timeout: 30_000 })
    .toBe(true);
  return await client.readOperation(operationId);
}
