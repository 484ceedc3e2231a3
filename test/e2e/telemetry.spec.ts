import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { watchOperation } from '#libs/client/watch-operation.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;
let operationId: string;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
  const client = product.as('operator');
  ({ operationId } = await client.provisionCluster(orderFor(product.stack.simulator, 'clu-told')));
  for await (const { state } of watchOperation(client, operationId, { intervalMs: 50 })) {
    if (state === 'succeeded') return;
  }
  throw new Error('the operation did not succeed');
});

afterAll(async () => {
  await product.stop();
});

/** The lines that a process has logged, as what they say. */
const loggedBy = (process: string): Record<string, unknown>[] =>
  product.log
    .filter((line) => line.startsWith(`${process}: {`))
    .map((line) => JSON.parse(line.slice(process.length + 2)) as Record<string, unknown>);

it('shows what the worker counts, beside what the SDK counts', async () => {
  const text = await (await fetch(product.stack.workerMetrics)).text();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('keyturn_operations_requested_total{kind="provision"}')).toBe(1);
  expect(value('keyturn_operations_ended_total{kind="provision",result="succeeded"}')).toBe(1);
  expect(value('keyturn_steps_verified_total{kind="provision",step="bind"}')).toBe(1);
  const created = '{kind="keys",method="POST",status="200"}';
  expect(value(`keyturn_azure_requests_total${created}`)).toBe(1);
  expect(text).toContain('keyturn_step_duration_seconds_bucket{kind="provision",step="bind",le=');
  expect(text).toContain('temporal_workflow_task_execution_latency_seconds_bucket');
});

it('logs each step with its operation and the ids of its requests to Azure', () => {
  const steps = loggedBy('worker').filter(({ msg }) => msg === 'Step verified');
  expect(steps.map(({ step }) => step)).toContain('bind');
  for (const step of steps) {
    expect(step).toMatchObject({ operationId, workflowId: `operation/${operationId}` });
    expect(step['attempt']).toBeGreaterThan(0);
    expect(step['azureRequestIds']).toContainEqual(expect.stringMatching(/^[0-9a-f-]{36}$/u));
  }
});

it('logs the order with the request and the operation', () => {
  const order = loggedBy('api').find(({ method }) => method === 'POST');
  expect(order).toMatchObject({ operationId, requestId: expect.any(String), statusCode: 202 });
});
