import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { endOf } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { askArmAsOwner } from '../support/owner.ts';
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
  const path = `${formatClusterId(body.cluster)}?api-version=2025-07-01`;
  await createAndDelete(path);

  const client = product.as('operator');
  const { operationId } = await client.provisionCluster({ ...body, onNameReserved: 'wait' });
  const { state, steps, requestedAt } = await endOf(client, operationId);
  expect(state).toBe('succeeded');
  const days = (Date.parse(steps[0]?.startedAt ?? '') - Date.parse(requestedAt)) / 86_400_000;
  expect(days).toBeGreaterThan(13.9);
  expect(days).toBeLessThan(14.1);
});

/** A cluster that somebody else made and deleted: its name is held. */
async function createAndDelete(path: string): Promise<void> {
  const { simulator } = product.stack;
  await askArmAsOwner(simulator, 'PUT', {
    path,
    body: {
      location: simulator.location,
      identity: { type: 'SystemAssigned' },
      sku: { name: 'CapacityReservation', capacity: 500 },
    },
  });
  const aMinuteOn = Date.now() + 60_000;
  const cluster = await askArmAsOwner(simulator, 'GET', { path, at: aMinuteOn });
  expect(await cluster.json()).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
  await askArmAsOwner(simulator, 'DELETE', { path, at: aMinuteOn });
  const gone = await askArmAsOwner(simulator, 'GET', { path, at: aMinuteOn + 60_000 });
  expect(gone.status).toBe(404);
}
