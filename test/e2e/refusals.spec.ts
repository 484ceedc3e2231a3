import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { clusterKeyPermissions } from '#libs/domain/service-rules.ts';
import {
  changeKey,
  changePolicy,
  makeIdentity,
  makeKey,
  makeVault,
  policyOf,
  readAsOwner,
} from '../support/by-hand.ts';
import { letTimeFly } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor, providersOf } from '../support/orders.ts';
import { planOf } from '../support/plans.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, plantFault } from '../support/simulator-control.ts';

/** What no plan can foresee: Azure says no while the provision runs. */
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

const azure = () => product.stack.simulator;

const clusterNamed = (name: string) =>
  `${providersOf(azure())}/Microsoft.OperationalInsights/clusters/${name}`;

const inState = async (id: string, state: OperationView['state']) =>
  await operationWhen(product.as('reader'), id, (operation) => operation.state === state);

describe('a region that cannot encrypt twice', () => {
  const orderThere = (name: string) => ({
    ...orderFor(azure(), name),
    region: 'brazilsoutheast',
  });

  it('refuses the cluster, with what to do instead', async () => {
    const { state, outcome } = await planOf(product, orderThere('clu-twice'));
    expect(state).toBe('refused');
    expect(outcome?.findings).toEqual([
      expect.objectContaining({
        code: 'double_encryption_unsupported',
        rule: 'R123',
        severity: 'blocker',
        remedy: expect.stringContaining('doubleEncryption false'),
      }),
    ]);
    expect(outcome?.left).toEqual([
      expect.stringMatching(/^vault .*\/kv-clu-twice$/u),
      expect.stringMatching(/^grant to .* on .*\/kv-clu-twice$/u),
      expect.stringMatching(/^key version https:\/\/kv-clu-twice\./u),
    ]);
  });

  it('takes it where double encryption was given up by request', async () => {
    const order = { ...orderThere('clu-once'), doubleEncryption: false };
    expect(await planOf(product, order)).toMatchObject({ state: 'succeeded' });
    expect(await readAsOwner(azure(), clusterNamed('clu-once'))).toMatchObject({
      properties: { isDoubleEncryptionEnabled: false },
    });
    await vi.waitFor(async () => {
      const card = await product.as('reader').readCluster(order.cluster);
      expect(card).toMatchObject({ state: 'protected', doubleEncryption: false });
    });
  });
});

describe('a bind that Azure refuses', () => {
  /** Holds the bind back, and answers the operation when it has come so far. */
  async function atBind(order: ProvisionBodyInput): Promise<OperationView> {
    const action = { kind: 'delay', ms: 3000 } as const;
    const path = `/clusters/${order.cluster.name}\\?`;
    await plantFault(azure(), { method: 'PATCH', path, principal: 'keyturn', count: 1, action });
    const { operationId } = await product.as('operator').provisionCluster(order);
    return await operationWhen(product.as('reader'), operationId, ({ steps }) =>
      steps.some(({ name, state }) => name === 'bind' && state === 'running'),
    );
  }

  const resumed = async (id: string) => {
    const operator = product.as('operator');
    await operator.resumeOperation(id, { reason: 'it is mended' });
    return await endOf(operator, id);
  };

  it('because the grant was taken away says whose it is and what it lacks', async () => {
    const order = orderFor(azure(), 'clu-robbed');
    const { vaultId } = order.key;
    const { id } = await atBind(order);
    const cluster = await readAsOwner<{ identity: { principalId: string } }>(
      azure(),
      clusterNamed('clu-robbed'),
    );
    const { principalId } = cluster.identity;
    const policy = policyOf(azure(), principalId, clusterKeyPermissions);
    await changePolicy(azure(), vaultId, { how: 'remove', policy });
    // For two minutes a fresh grant could still be on its way.
    await letTimeFly(product.stack, operationWorkflowId(id));
    const { attention } = await inState(id, 'attention');
    expect(attention).toMatchObject({
      step: 'bind',
      reason: expect.stringContaining(
        `the identity ${principalId} of the cluster lacks get of keys, wrapKey of keys, unwrapKey of keys`,
      ),
      seen: expect.stringContaining('Failed to validate key in Key Vault'),
    });

    await changePolicy(azure(), vaultId, { how: 'add', policy });
    expect((await resumed(id)).state).toBe('succeeded');
  });

  it('because the key version was disabled says so', async () => {
    const { id: userAssignedIdentityId, principalId } = await makeIdentity(azure(), 'uai-bind');
    const policies = [policyOf(azure(), principalId, clusterKeyPermissions)];
    const vaultId = await makeVault(azure(), 'kv-switched', { policies });
    const version = await makeKey(azure(), 'kv-switched', { name: 'cmk' });
    const { id } = await atBind({
      ...orderFor(azure(), 'clu-switched'),
      identity: { type: 'UserAssigned', userAssignedIdentityId },
      key: { vaultId, name: 'cmk', source: 'use' },
    });
    const key = `cmk/${version}`;
    await changeKey(azure(), 'kv-switched', { key, attributes: { enabled: false } });
    const { attention } = await inState(id, 'attention');
    expect(attention).toMatchObject({
      step: 'bind',
      reason: 'the key version is disabled. Enable the version, or bind another one.',
      seen: expect.stringContaining('Failed to validate key in Key Vault'),
    });

    await changeKey(azure(), 'kv-switched', { key, attributes: { enabled: true } });
    expect((await resumed(id)).state).toBe('succeeded');
  });
});
