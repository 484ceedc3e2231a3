import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { keyWorkflowId, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { letTimeFly, withEngine } from '../support/engine.ts';
import { endOf, operationWhen, ordered } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { outagesOf } from '../support/outages.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { exchangesOf, plantFault, readExchanges } from '../support/simulator-control.ts';

/** Two clusters on one key: who changes the key's versions does so alone, and may do so for both. */
const patient = { timeout: 20_000 };

let product: Product;
let one: ProvisionBodyInput;
let two: ProvisionBodyInput;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
  const { simulator } = product.stack;
  one = orderFor(simulator, 'clu-first');
  two = { ...orderFor(simulator, 'clu-second'), key: { ...one.key, source: 'use' } };
  for (const order of [one, two]) {
    const id = (await product.as('operator').provisionCluster(order)).operationId;
    expect((await endOf(product.as('reader'), id)).state).toBe('succeeded');
  }
});

afterAll(async () => {
  await product.stop();
});

it('lets one operation change a key at a time, whichever clusters it serves', async () => {
  const { simulator } = product.stack;
  const [operator, reader] = [product.as('operator'), product.as('reader')];
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

const keyOf = async ({ cluster }: ProvisionBodyInput) =>
  (await product.as('reader').readCluster(cluster)).key?.kid ?? '';

const switched = async () =>
  (await exchangesOf(product.stack.simulator, /\/keys\/cmk\/[0-9a-f]{32}\?/u))
    .filter(({ method }) => method === 'PATCH')
    .map(({ url }) => /cmk\/(?<version>[0-9a-f]{32})/u.exec(url)?.groups?.['version']);

// Last: the lane remembers the day that has flown.
it('rotates a key once for all its clusters, and retires what both have left', async () => {
  const { simulator } = product.stack;
  const [operator, reader] = [product.as('operator'), product.as('reader')];
  const made = async () => (await exchangesOf(simulator, /\/cmk\/create/u)).length;
  const together = { kind: 'rotate', clusters: 'all', soakHours: 0 } as const;
  const plan = await ordered(operator, one, { ...together, to: 'new', planOnly: true });
  const { steps } = (await endOf(reader, plan)).plan ?? {};
  const step = { name: 'clusters', target: formatClusterId(two.cluster) };
  expect(steps?.map(({ name }) => name)).toEqual(['version', 'bind', 'clusters', 'soak', 'proof']);
  expect(steps?.[2]).toMatchObject(step);
  const [before, left] = [await made(), await keyOf(one)];

  const rotated = await endOf(reader, await ordered(operator, one, { ...together, to: 'new' }));
  expect(rotated).toMatchObject({ state: 'succeeded', followedBy: { kind: 'retire-version' } });
  const detail = rotated.steps.find(({ name }) => name === 'clusters')?.detail ?? '';
  const other = await endOf(reader, /by operation (?<id>\S+)$/u.exec(detail)?.groups?.['id'] ?? '');
  expect(other).toMatchObject({ state: 'succeeded', requestedBy: rotated.requestedBy });
  expect(other).not.toHaveProperty('followedBy');
  await vi.waitFor(async () => expect(await keyOf(two)).toBe(await keyOf(one)), patient);
  expect(await keyOf(one)).not.toBe(left);
  expect(await made()).toBe(before + 1);

  const retirement = rotated.followedBy?.id ?? '';
  const inState = async (wanted: OperationView['state']) =>
    await operationWhen(reader, retirement, ({ state }) => state === wanted);
  await vi.waitFor(async () => await inState('deferred'), patient);
  await letTimeFly(product.stack, operationWorkflowId(retirement));
  const asking = await inState('awaiting-approval');
  await product.as('approver').approveOperation(retirement, asking.plan?.hash ?? '');
  expect((await endOf(reader, retirement)).state).toBe('succeeded');
  expect(await switched()).toEqual([left.split('/').at(-1)]);
});

it('has never left a cluster without a key that it can use', async () => {
  expect(await outagesOf(product, [one, two])).toEqual([0, 0]);
});
