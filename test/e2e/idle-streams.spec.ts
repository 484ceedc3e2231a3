import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { watchOperation } from '#libs/client/watch-operation.ts';
import { createTokenSource } from '../../tools/demo/tokens.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

const streams = 50;
const idleMs = 30_000;

/** What the API has counted under a name, over all labels but for the calls that a reading itself makes. */
async function counted(name: string): Promise<number> {
  const { api, simulator } = product.stack;
  const token = await createTokenSource(simulator, 'reader')();
  const response = await fetch(`${api}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const lines = (await response.text())
    .split('\n')
    .filter((line) => !line.includes('method="CountWorkflowExecutions"'));
  const values = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** An operation that stands still: nobody says yes to its plan. */
async function standStill(): Promise<string> {
  const client = product.as('operator');
  const body = orderFor(product.stack.simulator, 'clu-idle');
  const { operationId } = await client.provisionCluster({ ...body, acceptPlan: 'f'.repeat(64) });
  for await (const { state } of watchOperation(client, operationId, { intervalMs: 50 })) {
    if (state === 'awaiting-approval') return operationId;
  }
  throw new Error(`operation ${operationId} did not stand still`);
}

it('asks the server at most twice for each of fifty idle streams in thirty seconds', async () => {
  const operations: string[] = [];
  // A few at a time: there are two cores, and many plans at once are throttled.
  while (operations.length < streams)
    operations.push(...(await Promise.all(Array.from({ length: 5 }, standStill))));
  const client = product.as('reader');
  const gone = new AbortController();
  const before = await counted('keyturn_engine_calls_total');
  const idle = setTimeout(idleMs);
  const opened = await Promise.all(
    operations.map((id) => client.readEvents(id, { signal: gone.signal })),
  );
  const reading = opened.map(async (events) => {
    for await (const event of events ?? []) expect(event.seq).toBeGreaterThan(0);
  });
  await idle;
  const calls = (await counted('keyturn_engine_calls_total')) - before;
  const troubles = product.log.filter((line) => /^api: .*"level":"(?:warn|error)"/u.test(line));
  expect(await counted('keyturn_event_streams_open'), troubles.join('\n')).toBe(streams);
  expect(await counted('keyturn_operations_waiting_for_person')).toBe(streams);
  gone.abort();
  await Promise.allSettled(reading);
  expect(calls).toBeLessThanOrEqual(2 * streams);
  console.info(`${streams} idle streams of as many operations: ${calls} calls to the server`);
});
