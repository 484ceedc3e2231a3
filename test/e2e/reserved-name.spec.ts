import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { endOf, operationWhen } from '../support/operations.ts';
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

it('waits fourteen days for a reserved name, and then asks again: a yes is good for seven', async () => {
  const { simulator } = product.stack;
  const body = orderFor(simulator, 'clu-held');
  await makeAndDeleteCluster(simulator, formatClusterId(body.cluster));

  const [client, approver] = [product.as('operator'), product.as('approver')];
  const order = { ...body, onNameReserved: 'wait', acceptPlan: 'f'.repeat(64) } as const;
  const { operationId } = await client.provisionCluster(order);
  const asking = async (reason: string) =>
    await operationWhen(client, operationId, ({ approval }) => approval?.reason === reason);
  const { plan } = await asking('the plan is not the one accepted');
  await approver.approveOperation(operationId, plan?.hash ?? '');
  const again = await asking('the yes to it is older than 7 days');
  expect(again.plan).toEqual(plan);
  expect(again.steps.map(({ state }) => state)).not.toContain('done');
  await approver.approveOperation(operationId, plan?.hash ?? '');

  const { state, steps, requestedAt } = await endOf(client, operationId);
  expect(state).toBe('succeeded');
  const days = (Date.parse(steps[0]?.startedAt ?? '') - Date.parse(requestedAt)) / 86_400_000;
  expect(days).toBeGreaterThan(13.9);
  expect(days).toBeLessThan(14.1);
});
