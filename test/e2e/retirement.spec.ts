import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { clusterWorkflowId, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { countDeeds, letTimeFly } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { outagesOf } from '../support/outages.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { exchangesOf } from '../support/simulator-control.ts';

/** A version that a rotation has left is disabled by an operation of its own, and only when nothing is on it. */
let product: Product;
let own: ProvisionBodyInput;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
  own = orderFor(product.stack.simulator, 'clu-retired');
  await provisioned(own);
});

afterAll(async () => {
  await product.stop();
});

async function provisioned(order: ProvisionBodyInput): Promise<void> {
  const { operationId } = await product.as('operator').provisionCluster(order);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
}

const ordered = async (body: OperationBodyInput): Promise<string> =>
  (await product.as('operator').operateCluster(own.cluster, body)).operationId;

const ended = async (body: OperationBodyInput): Promise<OperationView> =>
  await endOf(product.as('reader'), await ordered(body));

const inState = async (id: string, state: OperationView['state']) =>
  await operationWhen(product.as('reader'), id, (operation) => operation.state === state);

/** An operation that another wanted: it is there as soon as the entity has heard of that one's end. */
const follower = async ({ followedBy }: OperationView): Promise<OperationView> =>
  await vi.waitFor(async () => await product.as('reader').readOperation(followedBy?.id ?? ''));

const disabled = async (): Promise<string[]> =>
  (await exchangesOf(product.stack.simulator, /\/keys\/cmk\/[0-9a-f]{32}\?/u))
    .filter(({ method }) => method === 'PATCH')
    .map(({ url }) => /cmk\/(?<version>[0-9a-f]{32})/u.exec(url)?.groups?.['version'] ?? '');

const codesOf = ({ outcome }: OperationView) => outcome?.findings.map(({ code }) => code);

it('refuses what is in use, by this cluster or another, and what is not there, and changes nothing', async () => {
  const { key } = await product.as('reader').readCluster(own.cluster);
  const bound = key?.kid.split('/').at(-1) ?? '';
  const refused = async (body: Omit<OperationBodyInput & { kind: 'retire-version' }, 'kind'>) => {
    const operation = await ended({ kind: 'retire-version', keepHours: 0, ...body });
    expect(operation).toMatchObject({ state: 'refused', outcome: { left: [] } });
    return codesOf(operation);
  };
  expect(await refused({ version: bound })).toEqual(
    expect.arrayContaining(['version_in_use', 'last_version']),
  );
  expect(await refused({ version: 'f'.repeat(32) })).toEqual(['key_missing']);

  // Another cluster stays on the version that this one leaves.
  const shared = { ...own.key, source: 'use' } as const;
  const other = { ...orderFor(product.stack.simulator, 'clu-sharing'), key: shared };
  await provisioned(other);
  const left = { kind: 'rotate', to: 'new', soakHours: 0, retire: false } as const;
  expect(await ended(left)).toMatchObject({ state: 'succeeded' });
  const operation = await ended({ kind: 'retire-version', version: bound, keepHours: 0 });
  expect(operation).toMatchObject({ state: 'refused' });
  expect(operation.outcome?.summary).toContain(formatClusterId(other.cluster));
  expect(await disabled()).toEqual([]);
});

// Last: the lane remembers the day that has flown.
it('follows a rotation, a day after the bind, and disables what that left after a second yes', async () => {
  const entity = clusterWorkflowId(own.cluster);
  const before = await countDeeds(product.stack, entity);
  const rotated = await ended({ kind: 'rotate', to: 'new', soakHours: 0 });
  expect(rotated).toMatchObject({ state: 'succeeded', followedBy: { kind: 'retire-version' } });
  const retirement = await follower(rotated);
  expect(retirement).toMatchObject({ follows: rotated.id, requestedBy: rotated.requestedBy });

  // With the follow-up. Quiet, and with their tasks, these are at most 35 and 85 events.
  expect((await countDeeds(product.stack, entity)) - before).toBeLessThanOrEqual(16);
  const work = await countDeeds(product.stack, operationWorkflowId(rotated.id));
  expect(work).toBeLessThanOrEqual(50);

  const held = await inState(retirement.id, 'deferred');
  const bind = rotated.steps.find(({ name }) => name === 'bind');
  const keptMs = Date.parse(held.waiting?.until ?? '') - Date.parse(bind?.endedAt ?? '');
  expect(Math.round(keptMs / 60_000)).toBe(24 * 60);
  expect(await disabled()).toEqual([]);

  await letTimeFly(product.stack, operationWorkflowId(retirement.id));
  const asking = await inState(retirement.id, 'awaiting-approval');
  expect(asking.approval).toMatchObject({ from: 'second-person' });
  expect(asking.plan?.losses).toHaveLength(1);
  await vi.waitFor(async () => {
    const { items } = await product.as('approver').listOperations({ state: 'awaiting-approval' });
    expect(items.map(({ id, follows }) => [id, follows])).toEqual([[retirement.id, rotated.id]]);
  });
  await expect(
    product.as('operator').approveOperation(retirement.id, asking.plan?.hash ?? ''),
  ).rejects.toMatchObject({ problem: { status: 403 } });
  await product.as('approver').approveOperation(retirement.id, asking.plan?.hash ?? '');
  const done = await endOf(product.as('reader'), retirement.id);
  expect(done).toMatchObject({ state: 'succeeded' });
  expect(done.outcome?.evidence.map(({ grade }) => grade)).toEqual(['observed', 'observed']);
  const versions = await disabled();
  expect(rotated.outcome?.summary).toContain(`${versions.join(' ')} stays enabled`);

  const again = await ended({ kind: 'retire-version', version: versions[0] ?? '' });
  expect(again).toMatchObject({ state: 'succeeded', plan: { losses: [] } });
  expect(await disabled()).toEqual(versions);
});

it('has never left a cluster without a key that it can use', async () => {
  expect(await outagesOf(product, [own])).toEqual([0]);
});
