import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { makeKey, makeVault } from '../support/by-hand.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { outagesOf } from '../support/outages.ts';
import { writtenByKeyturn } from '../support/plans.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';

/** A key that is not to be trusted any more gives way to another, and is retired when nothing is on it. */
let product: Product;
let own: ProvisionBodyInput;
let newVault: string;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
  own = orderFor(product.stack.simulator, 'clu-replaced');
  newVault = orderFor(product.stack.simulator, 'clu-after').key.vaultId;
  const { operationId } = await product.as('operator').provisionCluster(own);
  expect(await endOf(product.as('reader'), operationId)).toMatchObject({ state: 'succeeded' });
});

afterAll(async () => {
  await product.stop();
});

type Replacement = Extract<OperationBodyInput, { kind: 'replace-key' }>;

async function replaced(
  key: Partial<Replacement['key']>,
  change: Partial<Replacement> = {},
): Promise<OperationView> {
  const body: Replacement = {
    kind: 'replace-key',
    key: { vaultId: newVault, name: 'cmk-2', ...key },
    reason: 'the key is out',
    soakHours: 0,
    keepHours: 0,
    ...change,
  };
  const { operationId } = await product.as('operator').operateCluster(own.cluster, body);
  return await endOf(product.as('reader'), operationId);
}

const kidOf = async (): Promise<string> => {
  const { key } = await product.as('reader').readCluster(own.cluster);
  return key?.kid ?? '';
};

it('refuses what cannot protect the cluster before anything changes', async () => {
  const { simulator } = product.stack;
  const others = {
    fragile: await makeVault(simulator, 'kv-fragile', { enablePurgeProtection: undefined }),
    abroad: await makeVault(simulator, 'kv-abroad', { location: 'eastus' }),
    closed: await makeVault(simulator, 'kv-closed', {
      networkAcls: { defaultAction: 'Deny', bypass: 'None' },
    }),
  };
  const good = await makeVault(simulator, 'kv-good');
  await makeKey(simulator, 'kv-good', { name: 'other' });
  await makeKey(simulator, 'kv-good', { name: 'curve', kty: 'EC' });
  const before = { kid: await kidOf(), writes: await writtenByKeyturn(simulator) };
  const codeOf = async (key: Partial<Replacement['key']>) => {
    const { state, outcome } = await replaced(key);
    expect({ state, left: outcome?.left }).toEqual({ state: 'refused', left: [] });
    return outcome?.findings.map(({ code }) => code);
  };
  expect(await codeOf({ vaultId: others.fragile })).toEqual(['key_not_recoverable']);
  expect(await codeOf({ vaultId: others.abroad })).toEqual(['region_mismatch']);
  expect(await codeOf({ vaultId: others.closed })).toEqual(['vault_unusable']);
  expect(await codeOf({ ...own.key, source: 'use' })).toEqual(['key_unusable']);
  expect(await codeOf({ vaultId: good, name: 'other' })).toEqual(['key_exists']);
  expect(await codeOf({ vaultId: good, source: 'use' })).toEqual(['key_missing']);
  expect(await codeOf({ vaultId: good, name: 'curve', source: 'use' })).toEqual(['key_unusable']);
  const version = 'f'.repeat(32);
  expect(await codeOf({ vaultId: good, name: 'other', source: 'use', version })).toEqual([
    'key_missing',
  ]);
  await expect(replaced({ sizeBits: 1024 })).rejects.toMatchObject({
    problem: { status: 422, problems: [{ field: 'key.sizeBits', rule: 'R29' }] },
  });
  expect({ kid: await kidOf(), writes: await writtenByKeyturn(simulator) }).toEqual(before);
});

it('brings the cluster under a key of another vault, and retires the old one after a second yes', async () => {
  const planned = await replaced({}, { planOnly: true });
  expect(planned.plan?.findings.map(({ code }) => code)).toContain('no_lockout');
  expect(planned.plan?.losses).toEqual([]);
  const left = await kidOf();

  const operation = await replaced({});
  expect(operation).toMatchObject({ state: 'succeeded', followedBy: { kind: 'retire-version' } });
  expect(operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
    ['vault', 'vault-access', 'key', 'grant', 'bind', 'soak', 'proof'].map(
      (name) => `${name} done`,
    ),
  );
  expect(operation.outcome?.evidence.at(-1)).toMatchObject({ grade: 'observed' });
  await vi.waitFor(async () => expect(await kidOf()).toContain('kv-clu-after'));

  const retirement = operation.followedBy?.id ?? '';
  await vi.waitFor(async () => await product.as('reader').readOperation(retirement));
  const asking = await operationWhen(
    product.as('reader'),
    retirement,
    ({ state }) => state === 'awaiting-approval',
  );
  expect(asking.follows).toBe(operation.id);
  await product.as('approver').approveOperation(retirement, asking.plan?.hash ?? '');
  const done = await endOf(product.as('reader'), retirement);
  expect(done).toMatchObject({ state: 'succeeded' });
  expect(done.steps.map(({ target, detail }) => [target, detail])).toEqual([[left, 'disabled']]);
});

it('has never left a cluster without a key that it can use', async () => {
  expect(await outagesOf(product, [own])).toEqual([0]);
});
