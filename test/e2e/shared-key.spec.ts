import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import { keyWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { withEngine } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { plantFault, readExchanges } from '../support/simulator-control.ts';

/** Two clusters on one key: who changes the key's versions does so alone. */
const patient = { timeout: 20_000 };

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

it('lets one operation change a key at a time, whichever clusters it serves', async () => {
  const { simulator } = product.stack;
  const [operator, reader] = [product.as('operator'), product.as('reader')];
  const [one, two] = ['clu-first', 'clu-second'].map((name) => orderFor(simulator, name));
  if (one === undefined || two === undefined) throw new Error('missing an order');
  const both = [one, { ...two, key: { ...one.key, source: 'use' as const } }];
  for (const order of both) {
    const { operationId } = await operator.provisionCluster(order);
    expect((await endOf(reader, operationId)).state).toBe('succeeded');
  }

  const rotate: OperationBodyInput = { kind: 'rotate', to: 'new', soakHours: 0 };
  const mend = await plantFault(simulator, {
    method: 'POST',
    path: '/keys/cmk/create',
    action: { kind: 'status', status: 429, retryAfter: 1 },
  });
  const { operationId: first } = await operator.operateCluster(one.cluster, rotate);
  await vi.waitFor(async () => {
    const sent = await readExchanges(simulator);
    expect(sent.some(({ url, status }) => url.includes('/cmk/create') && status === 429)).toBe(
      true,
    );
  }, patient);
  const { operationId: second } = await operator.operateCluster(two.cluster, rotate);
  const { waiting, steps, plan } = await operationWhen(
    reader,
    second,
    ({ state }) => state === 'queued',
  );
  expect(plan?.findings).toMatchObject([{ code: 'key_shared', rule: 'R95' }]);
  expect(plan?.findings[0]?.reason).toContain(formatClusterId(one.cluster));
  expect(waiting?.detail).toBe(`behind operation ${first}`);
  expect(steps[0]).toMatchObject({ name: 'version', state: 'running' });
  await mend();
  for (const id of [first, second]) expect((await endOf(reader, id)).state).toBe('succeeded');

  const entity = keyWorkflowId(one.key.vaultId, 'cmk');
  await vi.waitFor(async () => {
    const { status } = await withEngine(product.stack, async (client) =>
      client.getHandle(entity).describe(),
    );
    expect(status.name).toBe('COMPLETED');
  }, patient);
});
