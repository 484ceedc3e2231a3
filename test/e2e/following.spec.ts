import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { clusterWorkflowId } from '#libs/contracts/temporal.ts';
import { countEvents, inspectNow } from '../support/engine.ts';
import { endOf } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

/** What happens to a cluster behind the product's back is noticed within the hour. */
let product: Product;
let own: ProvisionBodyInput;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), { auditWorkspace: 'ws-audit' });
  own = orderFor(product.stack.simulator, 'clu-watched');
  const { operationId } = await product.as('operator').provisionCluster(own);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
});

afterAll(async () => {
  await product.stop();
});

it('adds no event to a cluster on which nothing happened', async () => {
  const entity = clusterWorkflowId(own.cluster);
  // Lists follow a moment behind.
  await vi.waitFor(async () => {
    const { result } = await inspectNow(product.stack);
    expect(result).toMatchObject({ inspected: 1, unread: 0 });
  });
  const before = await countEvents(product.stack, entity);
  const { result } = await inspectNow(product.stack);
  expect(result).toEqual({ inspected: 1, changed: 0, unread: 0 });
  expect(await countEvents(product.stack, entity)).toBe(before);
});
