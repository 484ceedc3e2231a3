import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { countRequests } from '../../tools/bench/azure-requests.ts';
import { letTimeFly } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { outagesOf } from '../support/outages.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { exchangesOf, readExchanges } from '../support/simulator-control.ts';

/** A key's versions change under a cluster, and the cluster is never without one. */
let product: Product;
let own: ProvisionBodyInput;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
  own = orderFor(product.stack.simulator, 'clu-rotated');
  const { operationId } = await product.as('operator').provisionCluster(own);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
});

afterAll(async () => {
  await product.stop();
});

type Rotation = Omit<Extract<OperationBodyInput, { kind: 'rotate' }>, 'kind'>;

async function rotated(asked: Rotation): Promise<OperationView> {
  const body = { kind: 'rotate', soakHours: 0, retire: false, ...asked } as const;
  const { operationId } = await product.as('operator').operateCluster(own.cluster, body);
  return await endOf(product.as('reader'), operationId);
}

const boundVersion = async (): Promise<string> =>
  await vi.waitFor(async () => {
    const card = await product.as('reader').readCluster(own.cluster);
    expect(card.operations).toEqual([]);
    return card.key?.kid.split('/').at(-1) ?? '';
  });

const keysMade = async () =>
  (await exchangesOf(product.stack.simulator, /\/keys\/cmk\/create/u)).length;

it('makes a new version, binds it and sees it, within its budget of requests', async () => {
  const before = { version: await boundVersion(), keys: await keysMade() };
  const seenSoFar = (await readExchanges(product.stack.simulator)).length;
  const operation = await rotated({ to: 'new' });
  expect(operation).toMatchObject({ state: 'succeeded' });
  expect(operation.outcome).not.toHaveProperty('encryptedSince');
  const version = await boundVersion();
  expect(version).not.toBe(before.version);
  expect(operation.outcome?.summary).toContain(`${before.version} stays enabled`);
  expect(await keysMade()).toBe(before.keys + 1);
  const own = (await readExchanges(product.stack.simulator)).slice(seenSoFar);
  const { work } = countRequests(own);
  expect(work).toBeGreaterThan(5);
  expect(work).toBeLessThanOrEqual(20);
});

it('goes back to a version by name, and forward to the latest', async () => {
  const latest = await boundVersion();
  const plan = await rotated({ to: 'latest', planOnly: true });
  expect(plan.plan?.steps.find(({ name }) => name === 'bind')?.effect).toBe('keep');
  const [first = ''] = (await exchangesOf(product.stack.simulator, /\/keys\/cmk\/[0-9a-f]{32}\?/u))
    .map(({ url }) => /cmk\/(?<version>[0-9a-f]{32})/u.exec(url)?.groups?.['version'] ?? '')
    .filter((version) => version !== latest);
  expect(await rotated({ to: first })).toMatchObject({ state: 'succeeded' });
  expect(await boundVersion()).toBe(first);
  expect(await rotated({ to: 'latest' })).toMatchObject({ state: 'succeeded' });
  expect(await boundVersion()).toBe(latest);
});

it('goes over to following the latest version, with a grade that says what is not seen', async () => {
  const operation = await rotated({ to: 'latest', mode: 'automatic' });
  expect(operation.state).toBe('succeeded');
  expect(operation.outcome?.evidence.map(({ grade }) => grade)).toEqual([
    'observed',
    'observed',
    'assumed',
  ]);
  await vi.waitFor(async () => {
    const card = await product.as('reader').readCluster(own.cluster);
    expect(card.key?.mode).toBe('automatic');
  });
});

describe('what it refuses before anything changes', () => {
  it('is a version that is not there', async () => {
    const operation = await rotated({ to: 'f'.repeat(32) });
    expect(operation).toMatchObject({ state: 'refused', outcome: { left: [] } });
    expect(operation.outcome?.findings.map(({ code }) => code)).toEqual(['key_missing']);
  });

  it('is a word that is no version', async () => {
    await expect(rotated({ to: 'newest' })).rejects.toMatchObject({ problem: { status: 400 } });
  });

  it('is a cluster nobody looks after', async () => {
    const { cluster } = orderFor(product.stack.simulator, 'clu-unknown');
    await expect(
      product.as('operator').operateCluster(cluster, { kind: 'rotate', to: 'new' }),
    ).rejects.toMatchObject({ problem: { status: 404, code: 'cluster_unknown' } });
  });
});

it('soaks a day without the lane before it proves anything, and shows until when', async () => {
  const body = { kind: 'rotate', to: 'new', mode: 'explicit', retire: false } as const;
  const operator = product.as('operator');
  const { operationId } = await operator.operateCluster(own.cluster, body);
  const soaking = await operationWhen(operator, operationId, ({ state }) => state === 'deferred');
  expect(Date.parse(soaking.waiting?.until ?? '') - Date.now()).toBeGreaterThan(86_000_000);
  await letTimeFly(product.stack, operationWorkflowId(operationId));
  const operation = await endOf(operator, operationId);
  expect(operation.state).toBe('succeeded');
  const soak = operation.steps.find(({ name }) => name === 'soak');
  const hours = (Date.parse(soak?.endedAt ?? '') - Date.parse(soak?.startedAt ?? '')) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThan(24.1);
});

it('has never left a cluster without a key that it can use', async () => {
  expect(await outagesOf(product, [own])).toEqual([0]);
});
