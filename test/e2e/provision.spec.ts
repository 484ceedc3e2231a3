import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { countEvents } from '../support/engine.ts';
import { countRequests } from '../../tools/bench/azure-requests.ts';
import { readExchanges } from '../support/simulator-control.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

async function ended(body: ProvisionBodyInput): Promise<OperationView> {
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster(body);
  return await endOf(client, operationId);
}

it('carries one request to an encrypted cluster with linked workspaces', async () => {
  const { simulator } = product.stack;
  const workspaces = ['ws-payments', 'ws-trading', 'ws-audit'].map((name) =>
    workspaceNamed(simulator, name),
  );
  const body = { ...orderFor(simulator, 'clu-first'), workspaces };
  const operation = await ended(body);
  expect(operation.state).toBe('succeeded');
  expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'vault done',
    'vault-access done',
    'key done',
    'cluster done',
    'grant done',
    'bind done',
    'link done',
    'probe done',
  ]);
  const proven = operation.outcome?.evidence.filter(({ grade }) => grade === 'proven');
  expect(proven?.map(({ claim }) => claim)).toHaveLength(3);
  // The entity of the cluster hears of it by a signal, a moment later.
  await vi.waitFor(async () => {
    const card = await product.as('reader').readCluster(body.cluster);
    expect(card).toMatchObject({ state: 'protected', linkedWorkspaces: 3 });
  });
});

it('kept that request within its budgets of events and requests', async () => {
  const [operation] = (await product.as('reader').listOperations({ kind: 'provision' })).items;
  const events = await countEvents(product.stack, operationWorkflowId(operation?.id ?? ''));
  expect(events).toBeGreaterThan(100);
  expect(events).toBeLessThanOrEqual(160);
  const { work } = countRequests(await readExchanges(product.stack.simulator));
  expect(work).toBeGreaterThan(30);
  expect(work).toBeLessThanOrEqual(45);
});

it('refuses a cluster that exists, and changes nothing', async () => {
  const operation = await ended(orderFor(product.stack.simulator, 'clu-first'));
  expect(operation).toMatchObject({ state: 'refused', outcome: { left: [] } });
  expect(operation.outcome?.findings.map(({ code }) => code)).toContain('cluster_exists');
});

it('plans alone, and then runs exactly the plan that is accepted', async () => {
  const body = orderFor(product.stack.simulator, 'clu-plan');
  const planned = await ended({ ...body, planOnly: true });
  expect(planned.state).toBe('succeeded');
  expect(planned.steps.every(({ state }) => state === 'pending')).toBe(true);
  const run = await ended({ ...body, acceptPlan: planned.plan?.hash ?? '' });
  expect(run.state).toBe('succeeded');
  expect(run.plan?.hash).toBe(planned.plan?.hash);
  expect(run.steps.map(({ name }) => name)).toEqual(planned.steps.map(({ name }) => name));
});

it('does not let a reader provision', async () => {
  const body = orderFor(product.stack.simulator, 'clu-reader');
  await expect(product.as('reader').provisionCluster(body)).rejects.toMatchObject({
    problem: { status: 403, code: 'forbidden' },
  });
});

it('answers one ticket for one key, and does the work once', async () => {
  const client = product.as('operator');
  const body = { ...orderFor(product.stack.simulator, 'clu-plan'), planOnly: true };
  const sending = { idempotencyKey: 'the-same' };
  const first = await client.provisionCluster(body, sending);
  expect(await client.provisionCluster(body, sending)).toEqual(first);
  const other = { ...body, capacityGbPerDay: 1000 };
  await expect(client.provisionCluster(other, sending)).rejects.toMatchObject({
    problem: { status: 422, code: 'idempotency_key_reused' },
  });
});

it('answers reads while every worker is down', async () => {
  await product.stack.worker.kill();
  try {
    const body = orderFor(product.stack.simulator, 'clu-first');
    const card = await product.as('reader').readCluster(body.cluster);
    expect(card.state).toBe('protected');
  } finally {
    await product.stack.worker.start();
  }
});
