import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { endOf } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { makeAndDeleteCluster } from '../support/owner.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

it('waits fourteen days for a reserved name, shows its release, and then provisions', async () => {
  const { simulator } = product.stack;
  const body = orderFor(simulator, 'clu-held');
  await makeAndDeleteCluster(simulator, formatClusterId(body.cluster));

  const client = product.as('operator');
  const { operationId } = await client.provisionCluster({ ...body, onNameReserved: 'wait' });
  const { state, steps, requestedAt } = await endOf(client, operationId);
  expect(state).toBe('succeeded');
  const days = (Date.parse(steps[0]?.startedAt ?? '') - Date.parse(requestedAt)) / 86_400_000;
  expect(days).toBeGreaterThan(13.9);
  expect(days).toBeLessThan(14.1);
});
