import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { letTimeFly, withEngine } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { askArmAsOwner } from '../support/owner.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, exchangesOf, plantFault } from '../support/simulator-control.ts';

/** Long enough for a second request to be planned and queued meanwhile. */
const slowMs = 2500;

const vaultApi = 'api-version=2023-07-01';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterEach(async () => {
  await askControl(product.stack.simulator, 'DELETE /faults');
});

afterAll(async () => {
  await product.stop();
});

/** Two operations on one cluster, each with a vault of its own: the first holds the lane, the second waits. */
async function twoOn(name: string) {
  const { simulator } = product.stack;
  const operator = product.as('operator');
  const order = orderFor(simulator, name);
  const other = { ...order, key: { ...order.key, vaultId: `${order.key.vaultId}-2` } };
  await plantFault(simulator, {
    method: 'PUT',
    path: `/vaults/kv-${name}\\?`,
    count: 1,
    action: { kind: 'delay', ms: slowMs },
  });
  const { operationId: first } = await operator.provisionCluster(order);
  await operationWhen(operator, first, ({ steps }) => steps[0]?.state === 'running');
  const { operationId: second } = await operator.provisionCluster(other);
  for (const id of [first, second]) await letTimeFly(product.stack, operationWorkflowId(id));
  const queued = await operationWhen(operator, second, ({ state }) => state === 'queued');
  return { operator, first, second, queued, otherVault: other.key.vaultId };
}

const writesTo = async (name: string, kind: string) => {
  const seen = await exchangesOf(product.stack.simulator, new RegExp(`/${kind}/[^/]*${name}`, 'u'));
  return seen.filter(({ method }) => method === 'PUT').map(({ url }) => new URL(url).pathname);
};

it('lets one operation write at a time, and looks again before the next goes on', async () => {
  const { operator, first, second, queued } = await twoOn('clu-lane');
  expect(queued.waiting).toEqual({ reason: 'lane', detail: `behind operation ${first}` });
  expect(queued.steps.every(({ state }) => state === 'pending')).toBe(true);

  expect((await endOf(operator, first)).state).toBe('succeeded');
  const { state, outcome } = await endOf(operator, second);
  expect({ state, left: outcome?.left }).toEqual({ state: 'refused', left: [] });
  expect(outcome?.findings.map(({ code }) => code)).toEqual(['cluster_exists']);
  expect(await writesTo('clu-lane', 'clusters')).toHaveLength(1);
  expect(await writesTo('clu-lane-2', 'vaults')).toEqual([]);
});

it('lets go of an operation that is cancelled while it waits', async () => {
  const { operator, first, second } = await twoOn('clu-left');
  await operator.cancelOperation(second);
  expect(await endOf(operator, second)).toMatchObject({
    state: 'cancelled',
    outcome: { left: [] },
  });
  expect((await operator.readOperation(first)).state).toBe('running');
  await operator.cancelOperation(first);
  expect((await endOf(operator, first)).state).toBe('cancelled');
  expect(await writesTo('clu-left', 'clusters')).toEqual([]);
});

it('asks again when its plan has changed while it waited', async () => {
  const { simulator } = product.stack;
  const { operator, first, second, queued, otherVault } = await twoOn('clu-new');
  const { tenantId, location } = simulator;
  const made = await askArmAsOwner(simulator, 'PUT', {
    path: `${otherVault}?${vaultApi}`,
    body: {
      location,
      properties: {
        tenantId,
        sku: { family: 'A', name: 'standard' },
        accessPolicies: [],
        enablePurgeProtection: true,
      },
    },
  });
  expect(made.status).toBe(200);
  await operator.cancelOperation(first);
  expect((await endOf(operator, first)).outcome?.left).toEqual([
    expect.stringMatching(/\/vaults\/kv-clu-new$/u),
  ]);

  const asking = await operationWhen(
    operator,
    second,
    ({ state }) => state === 'awaiting-approval',
  );
  const hash = asking.plan?.hash ?? '';
  expect(hash).not.toBe(queued.plan?.hash);
  expect(asking.approval).toMatchObject({
    planHash: hash,
    reason: 'the plan has changed since',
  });
  expect(asking.plan?.steps[0]).toMatchObject({ name: 'vault', effect: 'keep' });
  await operator.approveOperation(second, hash);
  expect((await endOf(operator, second)).state).toBe('succeeded');
  expect(await writesTo('clu-new', 'clusters')).toHaveLength(1);
});

it('ends cleanly when the workflow engine cancels it: grant taken back, lane free', async () => {
  const { simulator } = product.stack;
  const { operator, first, second } = await twoOn('clu-engine');
  await plantFault(simulator, {
    method: 'PATCH',
    path: '/clusters/clu-engine',
    action: { kind: 'hang' },
  });
  await operationWhen(operator, first, stepIs('bind', 'running'));
  const { cluster, key } = orderFor(simulator, 'clu-engine');
  const granted = await policiesOn(key.vaultId);
  expect(granted).toHaveLength(2);

  await cancelByEngine(first);
  const { state, outcome } = await endOf(operator, first);
  expect(state).toBe('cancelled');
  expect(outcome?.summary).toBe('Cancelled in the workflow engine.');
  expect(outcome?.left).toContain(`cluster ${formatClusterId(cluster)}, billed from its creation`);
  const { objectId } = principalNamed(simulator, 'keyturn');
  expect(granted).toContain(objectId);
  expect(await policiesOn(key.vaultId)).toEqual([objectId]);
  expect((await endOf(operator, second)).outcome?.findings[0]?.code).toBe('cluster_exists');
});

it('leaves the grant where a bind that nobody saw end may have taken effect', async () => {
  const { simulator } = product.stack;
  const operator = product.as('operator');
  const { key, cluster, ...order } = orderFor(simulator, 'clu-bound');
  await plantFault(simulator, {
    method: 'PATCH',
    path: '/clusters/clu-bound',
    action: { kind: 'delay', ms: slowMs },
  });
  const { operationId } = await operator.provisionCluster({ ...order, key, cluster });
  await letTimeFly(product.stack, operationWorkflowId(operationId));
  await operationWhen(operator, operationId, stepIs('bind', 'running'));
  await plantFault(simulator, { path: '/operationstatuses/', action: { kind: 'hang' } });
  await operationWhen(operator, operationId, stepIs('bind', 'waiting'));
  const granted = await policiesOn(key.vaultId);
  await cancelByEngine(operationId);

  const { state, outcome } = await endOf(operator, operationId);
  expect(state).toBe('cancelled');
  expect(granted).toHaveLength(2);
  expect(await policiesOn(key.vaultId)).toEqual(granted);
  for (const principalId of granted) {
    expect(outcome?.left).toContain(`grant to ${principalId} on ${key.vaultId}`);
  }
});

const stepIs =
  (step: string, wanted: string) =>
  ({ steps }: OperationView) =>
    steps.some(({ name, state }) => name === step && state === wanted);

const cancelByEngine = async (operationId: string) =>
  await withEngine(product.stack, async (client) =>
    client.getHandle(operationWorkflowId(operationId)).cancel(),
  );

/** Whom the access policies of a vault name. */
async function policiesOn(vaultId: string): Promise<string[]> {
  const answer = await askArmAsOwner(product.stack.simulator, 'GET', {
    path: `${vaultId}?${vaultApi}`,
  });
  const { properties } = (await answer.json()) as {
    properties: { accessPolicies: { objectId: string }[] };
  };
  return properties.accessPolicies.map(({ objectId }) => objectId);
}
