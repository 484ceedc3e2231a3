import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { clusterWorkflowId } from '#libs/contracts/temporal.ts';
import { clusterKeyPermissions } from '#libs/domain/service-rules.ts';
import { changeKey, changePolicy, makeKey, makeVault, policyOf } from '../support/by-hand.ts';
import { countEvents, inspectNow } from '../support/engine.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { makeAsOwner } from '../support/owner.ts';
import { startProduct, type Product } from '../support/product.ts';

/** What happens to a cluster behind the product's back is noticed by the inspection of every hour. */
const name = 'clu-followed';
const vault = `kv-${name}`;
let product: Product;
let own: ProvisionBodyInput;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), { auditWorkspace: 'ws-audit' });
  const { simulator } = product.stack;
  await makeVault(simulator, vault);
  own = { ...orderFor(simulator, name), onNewVersion: 'bind' };
  const { operationId } = await product.as('operator').provisionCluster(own);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
  const setting = `${own.key.vaultId}/providers/Microsoft.Insights/diagnosticSettings/audit`;
  await makeAsOwner(simulator, `${setting}?api-version=2021-05-01-preview`, {
    properties: {
      workspaceId: workspaceNamed(simulator, 'ws-audit'),
      logAnalyticsDestinationType: 'Dedicated',
      logs: [{ category: 'AuditEvent', enabled: true }],
    },
  });
  await settled();
});

afterAll(async () => {
  await product.stop();
});

const cardOfCluster = async () => await product.as('reader').readCluster(own.cluster);

/** Once the entity has taken in what was told it last, and nothing runs: inspections follow what it knows. */
const settled = async () =>
  await vi.waitFor(async () => {
    const card = await cardOfCluster();
    expect(card.operations).toEqual([]);
    return card;
  });

const shownFindings = async (codes: readonly string[]): Promise<void> =>
  await vi.waitFor(async () => {
    const { findings } = await cardOfCluster();
    expect(findings.top.map(({ code }) => code)).toEqual(codes);
  });

async function rotations(): Promise<readonly OperationView[]> {
  const { items } = await product.as('reader').listOperations({ kind: 'rotate' });
  return items;
}

it('adds no event to a cluster on which nothing happened', async () => {
  // Lists follow a moment behind.
  await vi.waitFor(async () => {
    const { result } = await inspectNow(product.stack);
    expect(result).toMatchObject({ inspected: 1, unread: 0 });
  });
  const entity = clusterWorkflowId(own.cluster);
  const before = await countEvents(product.stack, entity);
  const { result } = await inspectNow(product.stack);
  expect(result).toEqual({ inspected: 1, changed: 0, followed: 0, unread: 0 });
  expect(await countEvents(product.stack, entity)).toBe(before);
});

it('binds a version that appeared in the vault, once, and proves its use by the audit', async () => {
  const { simulator } = product.stack;
  const newer = await makeKey(simulator, vault, { name: own.key.name });
  expect((await inspectNow(product.stack)).result).toMatchObject({ followed: 1 });
  const [following] = await vi.waitFor(async () => {
    const found = await rotations();
    expect(found).toHaveLength(1);
    return found;
  });
  const ended = await endOf(product.as('reader'), following?.id ?? '');
  expect(ended).toMatchObject({ state: 'succeeded', requestedBy: { objectId: 'keyturn' } });
  expect(ended.outcome?.evidence.at(-1)).toMatchObject({ grade: 'proven' });
  expect(ended.outcome?.evidence.at(-1)?.claim).toContain(newer);
  expect((await settled()).key?.kid).toContain(newer);
  expect((await inspectNow(product.stack)).result).toMatchObject({ followed: 0, unread: 0 });
  expect(await rotations()).toHaveLength(1);
});

it('reports one where the policy says so, and takes the finding back when it has gone', async () => {
  const { simulator } = product.stack;
  const operator = product.as('operator');
  const changed = await operator.changeClusterPolicy(own.cluster, { onNewVersion: 'report' });
  expect(changed).toMatchObject({ onNewVersion: 'report' });
  const newer = await makeKey(simulator, vault, { name: own.key.name });
  expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1, followed: 0 });
  await shownFindings(['version_behind']);
  const attributes = { enabled: false };
  await changeKey(simulator, vault, { key: `${own.key.name}/${newer}`, attributes });
  expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1 });
  await shownFindings([]);
  expect(await rotations()).toHaveLength(1);
});

it('raises that somebody gave a revoked cluster its access back', async () => {
  const { simulator } = product.stack;
  const asked = { kind: 'revoke', reason: 'a spec', breakGlass: true } as const;
  const { operationId } = await product.as('approver').operateCluster(own.cluster, asked);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
  const { principalId = '', state } = await settled();
  expect(state).toBe('revoked');
  await inspectNow(product.stack);
  await vi.waitFor(async () => {
    const { findings } = await cardOfCluster();
    expect(findings.count).toBeGreaterThan(0);
  });
  const policy = policyOf(simulator, principalId, clusterKeyPermissions);
  await changePolicy(simulator, own.key.vaultId, { how: 'add', policy });
  expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1 });
  await shownFindings(['access_back']);
  expect((await cardOfCluster()).state).toBe('revoked');
});
