import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ClusterView } from '#libs/contracts/http/cluster-views.ts';
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
interface Followed {
  readonly product: Product;
  readonly own: ProvisionBodyInput;
  /** What the entity knows once it has taken in what it was told, and nothing runs. */
  readonly settled: () => Promise<ClusterView>;
  readonly findings: (codes: readonly string[]) => Promise<void>;
  /** A version of the cluster's key, made by the vault's owner. */
  readonly newVersion: () => Promise<string>;
  readonly rotations: () => Promise<readonly OperationView[]>;
  /** The end of the one rotation that there is, which nobody has asked for. */
  readonly following: () => Promise<OperationView>;
}

/** How often the ledger has kept that a version came up which the cluster does not use. */
async function raised({ product, own }: Followed): Promise<number> {
  const period = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
  const { links } = await product.as('reader').readClusterEvidence(own.cluster, period);
  return links.filter(
    ({ event }) => event.includes('"stream":"inspect-all') && event.includes('"version_behind"'),
  ).length;
}

/** A cluster that is to follow its vault, whose audit is sent to a workspace. */
async function startFollowed(mode: 'explicit' | 'automatic'): Promise<Followed> {
  const product = await startProduct(inject('temporalAddress'), { auditWorkspace: 'ws-audit' });
  const { simulator } = product.stack;
  const reader = product.as('reader');
  const order = orderFor(simulator, `clu-${mode}`);
  const own = { ...order, key: { ...order.key, mode }, onNewVersion: 'bind' } as const;
  const vault = `kv-clu-${mode}`;
  await makeVault(simulator, vault);
  const { operationId } = await product.as('operator').provisionCluster(own);
  expect(await endOf(reader, operationId)).toMatchObject({ state: 'succeeded' });
  const setting = `${own.key.vaultId}/providers/Microsoft.Insights/diagnosticSettings/audit`;
  await makeAsOwner(simulator, `${setting}?api-version=2021-05-01-preview`, {
    properties: {
      workspaceId: workspaceNamed(simulator, 'ws-audit'),
      logAnalyticsDestinationType: 'Dedicated',
      logs: [{ category: 'AuditEvent', enabled: true }],
    },
  });
  const rotations = async () => (await reader.listOperations({ kind: 'rotate' })).items;
  const settled = async () =>
    await vi.waitFor(async () => {
      const card = await reader.readCluster(own.cluster);
      expect(card.operations).toEqual([]);
      return card;
    });
  await settled();
  // Lists follow a moment behind, and a first look may tell what a provision does not.
  await vi.waitFor(async () => {
    const { result } = await inspectNow(product.stack);
    expect(result).toMatchObject({ inspected: 1, changed: 0, unread: 0 });
  });
  return {
    product,
    own,
    settled,
    findings: async (codes) =>
      await vi.waitFor(async () => {
        const { findings } = await reader.readCluster(own.cluster);
        expect(findings.top.map(({ code }) => code)).toEqual(codes);
      }),
    newVersion: async () => await makeKey(simulator, vault, { name: own.key.name }),
    rotations,
    following: async () => {
      const id = await vi.waitFor(async () => {
        const found = await rotations();
        expect(found.map(({ requestedBy }) => requestedBy.objectId)).toEqual(['keyturn']);
        return found[0]?.id ?? '';
      });
      return await endOf(reader, id);
    },
  };
}

describe('a cluster that is bound to a version', () => {
  let followed: Followed;

  beforeAll(async () => {
    followed = await startFollowed('explicit');
  });
  afterAll(async () => {
    await followed.product.stop();
  });

  it('gets no event while nothing happens to it', async () => {
    const { stack } = followed.product;
    const entity = clusterWorkflowId(followed.own.cluster);
    const before = await countEvents(stack, entity);
    const { result } = await inspectNow(stack);
    expect(result).toEqual({ inspected: 1, changed: 0, followed: 0, unread: 0 });
    expect(await countEvents(stack, entity)).toBe(before);
  });

  it('is bound to one that appeared in the vault, once, and its use is proven by the audit', async () => {
    const { stack } = followed.product;
    const newer = await followed.newVersion();
    expect((await inspectNow(stack)).result).toMatchObject({ followed: 1 });
    const { state, outcome } = await followed.following();
    expect(state).toBe('succeeded');
    expect(outcome?.evidence.at(-1)).toMatchObject({ grade: 'proven' });
    expect(outcome?.evidence.at(-1)?.claim).toContain(newer);
    expect((await followed.settled()).key?.kid).toContain(newer);
    expect((await inspectNow(stack)).result).toMatchObject({ followed: 0, unread: 0 });
    expect(await followed.rotations()).toHaveLength(1);
  });

  it('has it reported where the policy says so, until it has gone', async () => {
    const { own, product } = followed;
    const { simulator } = product.stack;
    const policy = { onNewVersion: 'report' } as const;
    expect(await product.as('operator').changeClusterPolicy(own.cluster, policy)).toMatchObject(
      policy,
    );
    const before = await raised(followed);
    const newer = await followed.newVersion();
    expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1, followed: 0 });
    await followed.findings(['version_behind']);
    expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 0 });
    expect(await raised(followed)).toBe(before + 1);
    const change = { key: `${own.key.name}/${newer}`, attributes: { enabled: false } };
    await changeKey(simulator, 'kv-clu-explicit', change);
    expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1 });
    await followed.findings([]);
    expect(await followed.rotations()).toHaveLength(1);
  });

  it('is told of when it was revoked and somebody gave it its access back', async () => {
    const { own, product, settled } = followed;
    const { simulator } = product.stack;
    const asked = { kind: 'revoke', reason: 'a spec', breakGlass: true } as const;
    const { operationId } = await product.as('approver').operateCluster(own.cluster, asked);
    expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
    const { principalId = '', state } = await settled();
    expect(state).toBe('revoked');
    await inspectNow(product.stack);
    await vi.waitFor(async () => expect((await settled()).findings.count).toBeGreaterThan(0));
    const policy = policyOf(simulator, principalId, clusterKeyPermissions);
    await changePolicy(simulator, own.key.vaultId, { how: 'add', policy });
    expect((await inspectNow(product.stack)).result).toMatchObject({ changed: 1 });
    await followed.findings(['access_back']);
    expect((await settled()).state).toBe('revoked');
  });
});

it('watches a cluster that follows its key by itself take a version up', async () => {
  const { product, newVersion, following, settled } = await startFollowed('automatic');
  try {
    const newer = await newVersion();
    expect((await inspectNow(product.stack)).result).toMatchObject({ followed: 1 });
    const { state, outcome } = await following();
    expect(state).toBe('succeeded');
    expect(outcome?.evidence.at(-1)).toMatchObject({ grade: 'proven' });
    expect((await settled()).key).toMatchObject({ mode: 'automatic' });
    expect((await settled()).key?.kid).toContain(newer);
  } finally {
    await product.stop();
  }
});
