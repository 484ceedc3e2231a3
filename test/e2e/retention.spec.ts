import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { watchOperation } from '#libs/client/watch-operation.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

/** What the end of the retention time does: the server forgets a closed workflow. */
async function forget(workflowId: string): Promise<void> {
  const { temporal: address, namespace } = product.stack;
  const connection = createLazyConnection({ address, namespace });
  const workflow = { namespace, execution: { workflowId } };
  try {
    await connection.workflowService.deleteWorkflowExecution({
      namespace,
      workflowExecution: workflow.execution,
    });
    const isKnown = () =>
      connection.workflowService.describeWorkflowExecution(workflow).then(
        () => true,
        () => false,
      );
    while (await isKnown()) await setTimeout(50);
  } finally {
    await connection.close();
  }
}

it('reads an operation that Temporal has forgotten as it was', async () => {
  const client = product.as('operator');
  const body = { ...orderFor(product.stack.simulator, 'clu-kept'), planOnly: true };
  const { operationId } = await client.provisionCluster(body);
  let last;
  for await (const seen of watchOperation(client, operationId, { intervalMs: 50 })) last = seen;
  expect(last).toMatchObject({ state: 'succeeded', plan: { hash: expect.any(String) } });
  await forget(operationWorkflowId(operationId));
  expect(await product.as('reader').readOperation(operationId)).toEqual(last);
});
