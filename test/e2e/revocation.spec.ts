import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ClusterView } from '#libs/contracts/http/cluster-views.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { letTimeFly } from '../support/engine.ts';
import { endOf, flown, operationWhen, ordered } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { exchangesOf, plantFault } from '../support/simulator-control.ts';

/** Access to a key is taken away, overtaking all else, and given back; each is seen on the data itself. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

const inState = async (id: string, state: OperationView['state']) =>
  await operationWhen(product.as('reader'), id, (operation) => operation.state === state);

const cardWhen = async ({ cluster }: ProvisionBodyInput, state: ClusterView['state']) =>
  await vi.waitFor(async () => {
    const card = await product.as('reader').readCluster(cluster);
    expect(card.state).toBe(state);
    return card;
  });

async function provisioned(name: string, workspaces: string[] = []): Promise<ProvisionBodyInput> {
  const { simulator } = product.stack;
  const ids = workspaces.map((each) => workspaceNamed(simulator, each));
  const order = { ...orderFor(simulator, name), workspaces: ids };
  const { operationId } = await product.as('operator').provisionCluster(order);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
  await cardWhen(order, 'protected');
  return order;
}

const patient = { timeout: 30_000 };

const revoke = { kind: 'revoke', reason: 'the key is out' } as const;

describe('a cluster with a workspace', () => {
  let own: ProvisionBodyInput;

  beforeAll(async () => {
    own = await provisioned('clu-revoked', ['ws-payments']);
  });

  it('is revoked after a second person said yes, and its data is seen to be out of reach', async () => {
    const id = await ordered(product.as('operator'), own, revoke);
    const asking = await inState(id, 'awaiting-approval');
    expect(asking.approval).toMatchObject({ from: 'second-person' });
    expect(asking.plan?.losses).toHaveLength(2);
    await expect(
      product.as('operator').approveOperation(id, asking.plan?.hash ?? ''),
    ).rejects.toMatchObject({ problem: { status: 403 } });
    await product.as('approver').approveOperation(id, asking.plan?.hash ?? '');
    const operation = await flown(product, id);
    expect(operation.state).toBe('succeeded');
    expect(operation.outcome?.evidence).toMatchObject([{ grade: 'proven' }]);
    expect(await cardWhen(own, 'revoked')).toHaveProperty('revokedAt');
  });

  it('takes no other work while it is revoked', async () => {
    await expect(
      ordered(product.as('operator'), own, { kind: 'rotate', to: 'new' }),
    ).rejects.toMatchObject({
      problem: { code: 'cluster_revoked' },
    });
  });

  it('is recovered, with its data seen to be back and the gap measured', async () => {
    // Not flown: a record that carries a time ahead of Azure's clock is in no query's span.
    const id = await ordered(product.as('operator'), own, { kind: 'recover' });
    const operation = await endOf(product.as('reader'), id);
    expect(operation.state).toBe('succeeded');
    expect(operation.outcome?.evidence).toMatchObject([{ grade: 'proven' }]);
    expect(operation.outcome?.summary).toMatch(/records of at most \d+ min were dropped/u);
    expect(await cardWhen(own, 'protected')).not.toHaveProperty('revokedAt');
  });
});

describe('a cluster whose effect no probe can see', () => {
  it('is revoked by an approver who breaks the glass, with a grade that says so, and recovered as planned', async () => {
    const own = await provisioned('clu-glass');
    await expect(
      ordered(product.as('operator'), own, { ...revoke, breakGlass: true }),
    ).rejects.toMatchObject({
      problem: { status: 403 },
    });
    const recoverAt = new Date(Date.now() + 2 * 3_600_000).toISOString();
    const drill = { ...revoke, breakGlass: true, recoverAt };
    const operation = await flown(product, await ordered(product.as('approver'), own, drill));
    expect(operation.state).toBe('succeeded');
    expect(operation.outcome?.evidence).toMatchObject([{ grade: 'assumed' }]);
    expect(operation.outcome?.findings.map(({ code }) => code)).toContain('break_glass');
    expect(operation.plan?.findings.map(({ code }) => code)).toContain('effect_unseen');

    const cluster = formatClusterId(own.cluster);
    const { items } = await product.as('reader').listOperations({ cluster, kind: 'recover' });
    expect(items).toMatchObject([{ state: 'deferred', waiting: { until: recoverAt } }]);
    const recovered = await flown(product, items[0]?.id ?? '');
    expect(recovered.state).toBe('succeeded');
    expect(Date.parse(recovered.steps[0]?.startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(recoverAt),
    );
    await cardWhen(own, 'protected');
  });

  it('is recovered as planned though the effect has not been seen by then, which is said', async () => {
    const own = await provisioned('clu-hasty');
    const recoverAt = new Date(Date.now() + 10 * 60_000).toISOString();
    const drill = { ...revoke, by: 'versions', breakGlass: true, recoverAt } as const;
    const id = await ordered(product.as('approver'), own, drill);
    const cluster = formatClusterId(own.cluster);
    const recovery = await vi.waitFor(async () => {
      const { items } = await product.as('reader').listOperations({ cluster, kind: 'recover' });
      const waiting = items.find(({ state }) => state === 'deferred');
      expect(waiting).toBeDefined();
      return waiting?.id ?? '';
    }, patient);
    const [revoked, recovered] = [await flown(product, id), await flown(product, recovery)];
    expect({ state: revoked.state, recovered: recovered.state }).toEqual({
      state: 'succeeded',
      recovered: 'succeeded',
    });
    expect(revoked.outcome?.summary).toContain('gave access back before the effect was seen');
    expect(revoked.outcome?.findings.map(({ code }) => code)).toContain('effect_unseen');
    await cardWhen(own, 'protected');
  });
});

it('overtakes an operation in its stride, which then cannot undo it', async () => {
  const { simulator } = product.stack;
  const own = await provisioned('clu-overtaken');
  // The rotation stands in its bind and watches Azure until all is over.
  const action = { kind: 'stuck' } as const;
  const rule = { method: 'PATCH', path: '/clusters/clu-overtaken', action };
  const mend = await plantFault(simulator, rule);
  const rotating = await ordered(product.as('operator'), own, {
    kind: 'rotate',
    to: 'new',
    soakHours: 0,
  });
  await operationWhen(product.as('reader'), rotating, ({ steps }) =>
    steps.some(({ name, state }) => name === 'bind' && state === 'waiting'),
  );
  const revoking = await ordered(product.as('approver'), own, { ...revoke, breakGlass: true });
  // Its time may not run behind that of the one that overtook it.
  await letTimeFly(product.stack, operationWorkflowId(rotating));
  expect(await flown(product, revoking)).toMatchObject({ state: 'succeeded' });
  await mend();
  const overtaken = await endOf(product.as('reader'), rotating);
  expect(overtaken).toMatchObject({ state: 'refused' });
  expect(overtaken.outcome?.findings.map(({ code }) => code)).toEqual(['cluster_revoked']);
  await cardWhen(own, 'revoked');
  const removals = await exchangesOf(simulator, /kv-clu-overtaken\/accessPolicies\/remove/u);
  expect(removals).not.toEqual([]);
});

it('overtakes an operation that waits without the lane, and refuses to revoke what has no grant', async () => {
  const own = await provisioned('clu-twice');
  const rotating = await ordered(product.as('operator'), own, { kind: 'rotate', to: 'new' });
  await operationWhen(product.as('reader'), rotating, ({ steps }) =>
    steps.some(({ name, state }) => name === 'soak' && state === 'waiting'),
  );
  await flown(product, await ordered(product.as('approver'), own, { ...revoke, breakGlass: true }));
  const overtaken = await flown(product, rotating);
  expect(overtaken).toMatchObject({ state: 'refused' });
  expect(overtaken.outcome?.findings.map(({ code }) => code)).toEqual(['cluster_revoked']);
  const again = await endOf(
    product.as('reader'),
    await ordered(product.as('approver'), own, { ...revoke, breakGlass: true }),
  );
  expect(again).toMatchObject({ state: 'refused' });
  expect(again.outcome?.findings.map(({ code }) => code)).toEqual(['grant_missing']);
});
