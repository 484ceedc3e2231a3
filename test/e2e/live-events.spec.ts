import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { followOperation } from '#libs/client/follow-operation.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

it('tells a provision as it happens, and goes on after a lost connection', async () => {
  const { simulator } = product.stack;
  const client = product.as('operator');
  const workspaces = ['ws-payments', 'ws-trading'].map((name) => workspaceNamed(simulator, name));
  const body = { ...orderFor(simulator, 'clu-live'), workspaces };
  const { operationId } = await client.provisionCluster(body);

  const seen: { seq: number; type: string }[] = [];
  const connection = await client.readEvents(operationId);
  for await (const event of connection ?? []) {
    seen.push(event);
    // Leaving the loop closes the connection.
    if (event.type === 'ClusterCreated') break;
  }
  const halfWay = await client.readOperation(operationId);
  expect(halfWay.outcome).toBeUndefined();
  const after = seen.at(-1)?.seq ?? 0;
  for await (const event of followOperation(client, operationId, { after })) seen.push(event);

  const ended = await client.readOperation(operationId);
  expect(ended.state).toBe('succeeded');
  expect(seen.map(({ seq }) => seq)).toEqual(
    Array.from({ length: ended.seq }, (_, index) => index + 1),
  );
  expect(seen[0]?.type).toBe('OperationRequested');
  expect(seen.at(-1)?.type).toBe('OperationEnded');
  expect(await client.readEvents(operationId, { after: ended.seq })).toBeUndefined();
});

it('tells the same of an operation that has ended', async () => {
  const client = product.as('operator');
  const body = { ...orderFor(product.stack.simulator, 'clu-past'), planOnly: true };
  const { operationId } = await client.provisionCluster(body);
  const live: unknown[] = [];
  for await (const event of followOperation(client, operationId)) live.push(event);
  const past: unknown[] = [];
  for await (const event of followOperation(product.as('reader'), operationId)) past.push(event);
  expect(past).toEqual(live);
});
