import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { followOperation } from '#libs/client/follow-operation.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import { foldOperation } from '#libs/domain/operation-stream.ts';
import { deleteCluster, makeCluster } from '../support/by-hand.ts';
import { endOf } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { plantFault, readExchanges } from '../support/simulator-control.ts';

/** Names of clusters that others deleted, where Keyturn may not read when that was. */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), { pace: 10_000 });
  const { simulator } = product.stack;
  // Both now: once time has been skipped, what others do by hand would be too late to move the clock.
  for (const name of ['clu-unwanted', 'clu-unknown'])
    await deleteCluster(simulator, await makeCluster(simulator, name));
  const action = { kind: 'status', status: 403 } as const;
  await plantFault(simulator, { path: '/eventtypes/management/values', action });
});

afterAll(async () => {
  await product.stop();
});

/** Instants (epoch ms) at which Keyturn tried to make the cluster, with what Azure answered. */
async function triesOf(name: string): Promise<{ at: number; status: number }[]> {
  return (await readExchanges(product.stack.simulator))
    .filter(
      ({ method, url, principal }) =>
        method === 'PUT' && principal === 'keyturn' && url.includes(`/clusters/${name}?`),
    )
    .map(({ at, status }) => ({ at: Date.parse(at), status }));
}

it('end a request that does not want to wait', async () => {
  const order = orderFor(product.stack.simulator, 'clu-unwanted');
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster({ ...order, onNameReserved: 'refuse' });
  const { state, outcome } = await endOf(client, operationId);
  expect(state).toBe('refused');
  expect(outcome?.findings).toEqual([
    expect.objectContaining({
      code: 'name_reserved',
      rule: 'R43',
      severity: 'blocker',
      remedy: expect.stringContaining('onNameReserved "wait"'),
    }),
  ]);
  expect(await triesOf('clu-unwanted')).toEqual([{ at: expect.any(Number), status: 409 }]);
});

it('are tried every six hours until they come free', async () => {
  const order = orderFor(product.stack.simulator, 'clu-unknown');
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster({ ...order, onNameReserved: 'wait' });
  const events: DomainEvent[] = [];
  for await (const event of followOperation(client, operationId)) events.push(event as DomainEvent);
  const operation = await endOf(client, operationId);
  expect(operation.state).toBe('succeeded');
  expect(operation.plan?.findings.map(({ code }) => code)).toContain('release_unknown');

  const tries = await triesOf('clu-unknown');
  expect(tries.map(({ status }) => status)).toEqual([
    ...Array.from({ length: tries.length - 1 }, () => 409),
    expect.toSatisfy((status: number) => status < 300),
  ]);
  const [first = 0, ...later] = tries.map(({ at }) => at);
  const waits = later.map((at, index) => at - (later[index - 1] ?? first));
  for (const wait of waits) {
    expect(wait).toBeGreaterThan(5.9 * hourMs);
    expect(wait).toBeLessThan(6.1 * hourMs);
  }
  const heldFor = (later.at(-1) ?? 0) - first;
  expect(heldFor).toBeGreaterThan(13.7 * dayMs);
  expect(heldFor).toBeLessThan(14.1 * dayMs);

  const begun = events.findIndex(({ type }) => type === 'WaitStarted');
  const waiting = foldOperation(operationId, events.slice(0, begun + 1));
  expect(waiting).toMatchObject({
    state: 'deferred',
    waiting: { reason: 'name_reserved', detail: expect.stringContaining('its release is unknown') },
  });
  expect(waiting?.waiting).not.toHaveProperty('until');
});
