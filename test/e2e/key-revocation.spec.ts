import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { keyWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { readStorage } from '../../tools/demo/simulated-storage.ts';
import {
  deleteAsOwner,
  deleteKey,
  makeKey,
  makeVault,
  rotateAfter,
  rotateKey,
} from '../support/by-hand.ts';
import { withEngine } from '../support/engine.ts';
import { endOf, flown, operationWhen, ordered } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, exchangesOf, plantFault } from '../support/simulator-control.ts';

/** A key is taken from all who use it, or lost by deletion, and comes back as it was. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

const ended = async (id: string) => await endOf(product.as('reader'), id);

async function provisioned(
  name: string,
  key: Partial<ProvisionBodyInput['key']> = {},
  workspaces: string[] = [],
): Promise<ProvisionBodyInput> {
  const { simulator } = product.stack;
  const order = orderFor(simulator, name);
  const body = {
    ...order,
    key: { ...order.key, ...key },
    workspaces: workspaces.map((each) => workspaceNamed(simulator, each)),
  };
  const { operationId } = await product.as('operator').provisionCluster(body);
  expect(await ended(operationId)).toMatchObject({ state: 'succeeded' });
  return body;
}

const cardIs = async ({ cluster }: ProvisionBodyInput, state: string) =>
  await vi.waitFor(async () =>
    expect(await product.as('reader').readCluster(cluster)).toMatchObject({ state }),
  );

const isUnwrapping = async ({ cluster }: ProvisionBodyInput) =>
  (await readStorage(product.stack.simulator, formatClusterId(cluster)))?.unwrapsNow;

/** What was asked of the key's entity the last time that it was there. */
async function askedOfKey({ key: { vaultId, name } }: ProvisionBodyInput): Promise<string[]> {
  const { events } = await withEngine(
    product.stack,
    async (client) => await client.getHandle(keyWorkflowId(vaultId, name)).fetchHistory(),
  );
  return (events ?? [])
    .flatMap((each) => each.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [])
    .map(({ data }) => Buffer.from(data ?? []).toString());
}

interface Versions {
  readonly keyVersions: { vault: string; enabled: boolean; tags?: Record<string, string> }[];
}

async function versionsIn(vault: string) {
  const answer = await askControl(product.stack.simulator, 'GET /state');
  const { keyVersions } = (await answer.json()) as Versions;
  return keyVersions.filter((version) => version.vault === vault);
}

const enabledIn = async (vault: string) =>
  (await versionsIn(vault)).filter(({ enabled }) => enabled).length;

const revoke = { kind: 'revoke', reason: 'the key is out', by: 'versions' } as const;
const recover = { kind: 'recover' } as const;

describe('a key of two clusters', () => {
  let first: ProvisionBodyInput;
  let twin: ProvisionBodyInput;

  beforeAll(async () => {
    const { simulator } = product.stack;
    const vaultId = await makeVault(simulator, 'kv-shared');
    await makeKey(simulator, 'kv-shared', { name: 'cmk' });
    const key = { vaultId, source: 'use' } as const;
    first = await provisioned('clu-first', key, ['ws-payments']);
    twin = await provisioned('clu-twin', { ...key, mode: 'automatic' });
  });

  it('is taken from both, the other one named as a loss before anybody says yes', async () => {
    const id = await ordered(product.as('operator'), first, revoke);
    const asking = await operationWhen(
      product.as('reader'),
      id,
      ({ state }) => state === 'awaiting-approval',
    );
    const losses = asking.plan?.losses.map(({ text }) => text).join(' ');
    expect(losses).toContain(`Cluster ${formatClusterId(twin.cluster)} is bound to the same key`);
    await product.as('approver').approveOperation(id, asking.plan?.hash ?? '');
    const operation = await flown(product, id);
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.outcome?.evidence.map(({ grade }) => grade)).toEqual(['observed', 'proven']);
    expect([await enabledIn('kv-shared'), await isUnwrapping(twin)]).toEqual([0, false]);
    await cardIs(first, 'revoked');
  });

  it('comes back by recovering the cluster that it was revoked for, and by no other', async () => {
    const refused = await ended(await ordered(product.as('operator'), twin, recover));
    expect(refused).toMatchObject({ state: 'refused' });
    expect(refused.outcome?.findings.map(({ code }) => code)).toEqual(['revoked_elsewhere']);
    const operation = await ended(await ordered(product.as('operator'), first, recover));
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(operation.outcome?.evidence).toMatchObject([{ grade: 'proven' }]);
    expect(await askedOfKey(first)).toContain(
      `{"operationId":"${operation.id}","lane":"emergency"}`,
    );
    expect(operation.outcome?.summary).toMatch(/records of at most \d+ min were dropped/u);
    expect((await versionsIn('kv-shared')).map(({ tags = {} }) => tags)).toEqual([{}]);
    expect([await isUnwrapping(first), await isUnwrapping(twin)]).toEqual([true, true]);
    await cardIs(first, 'protected');
  });

  it('comes back when somebody has deleted it', async () => {
    await deleteKey(product.stack.simulator, 'kv-shared', 'cmk');
    await vi.waitFor(async () => expect(await isUnwrapping(first)).toBe(false));
    // Until when it can: on the cluster's card, from the first look at it on.
    const due = async () =>
      (await product.as('reader').readCluster(first.cluster)).deadlines.map(({ reason }) => reason);
    await ended(await ordered(product.as('operator'), first, { kind: 'inspect' }));
    await vi.waitFor(async () => expect(await due()).toEqual(['key_purged']));
    const operation = await ended(await ordered(product.as('operator'), first, recover));
    expect(operation).toMatchObject({ state: 'succeeded' });
    await vi.waitFor(async () => expect(await due()).toEqual([]));
    expect(operation.steps.find(({ name }) => name === 'key')?.detail).toContain('had back');
    expect(await isUnwrapping(first)).toBe(true);
  });
});

it('has a deleted vault back, with the roles that it lost by that', async () => {
  const { simulator } = product.stack;
  const vaultId = await makeVault(simulator, 'kv-roles', { enableRbacAuthorization: true });
  const own = await provisioned('clu-roles', { vaultId });
  await deleteAsOwner(simulator, vaultId, 'api-version=2023-07-01');
  const operation = await flown(product, await ordered(product.as('operator'), own, recover));
  expect(operation).toMatchObject({ state: 'succeeded' });
  expect(operation.plan?.findings.map(({ code }) => code)).toContain('assignments_lost');
  await vi.waitFor(async () => expect(await isUnwrapping(own)).toBe(true));
});

describe('a rotation that is overtaken', () => {
  let own: ProvisionBodyInput;

  beforeAll(async () => {
    const { simulator } = product.stack;
    const vaultId = await makeVault(simulator, 'kv-overtaken');
    own = await provisioned('clu-turning', { vaultId, mode: 'automatic' });
  });

  it('makes no version that stays, nor does the vault, whenever it comes', async () => {
    const { simulator } = product.stack;
    const action = { kind: 'delay', ms: 3_000 } as const;
    await plantFault(simulator, { path: '/keys/cmk/create', principal: 'keyturn', action });
    const rotating = await ordered(product.as('operator'), own, {
      kind: 'rotate',
      to: 'new',
      soakHours: 0,
    });
    await operationWhen(product.as('reader'), rotating, ({ steps }) =>
      steps.some(({ name, state }) => name === 'version' && state === 'running'),
    );
    const revoking = await ordered(product.as('approver'), own, { ...revoke, breakGlass: true });
    await operationWhen(product.as('reader'), revoking, ({ steps }) =>
      steps.some(({ name, state }) => name === 'effect' && state === 'waiting'),
    );
    expect(await enabledIn('kv-overtaken')).toBe(0);
    await rotateKey(simulator, 'kv-overtaken', 'cmk');
    expect(await enabledIn('kv-overtaken')).toBe(1);
    expect(await flown(product, revoking)).toMatchObject({ state: 'succeeded' });
    const overtaken = await ended(rotating);
    expect(overtaken).toMatchObject({ state: 'refused' });
    expect(overtaken.outcome?.findings.map(({ code }) => code)).toEqual(['cluster_revoked']);
    expect([await enabledIn('kv-overtaken'), await isUnwrapping(own)]).toEqual([0, false]);
    const made = await exchangesOf(simulator, /kv-overtaken[^/]*\/keys\/cmk\/(?:create|rotate)/u);
    expect(made.length).toBeGreaterThan(1);
  });

  it('leaves what was taken away until it is recovered, also by the vault itself', async () => {
    const { simulator } = product.stack;
    await cardIs(own, 'revoked');
    expect(await flown(product, await ordered(product.as('operator'), own, recover))).toMatchObject(
      {
        state: 'succeeded',
      },
    );
    await rotateAfter(simulator, 'kv-overtaken', { name: 'cmk', days: 7 });
    await cardIs(own, 'protected');
    await flown(
      product,
      await ordered(product.as('approver'), own, { ...revoke, breakGlass: true }),
    );
    const before = (await versionsIn('kv-overtaken')).length;
    await askControl(simulator, 'POST /clock/advance', { seconds: 8 * 86_400 });
    expect((await versionsIn('kv-overtaken')).length).toBe(before);
    expect([await enabledIn('kv-overtaken'), await isUnwrapping(own)]).toEqual([0, false]);
    await cardIs(own, 'revoked');
    const operation = await flown(product, await ordered(product.as('operator'), own, recover));
    expect(operation).toMatchObject({ state: 'succeeded' });
    // What fell due meanwhile is made as soon as the vault may.
    await askControl(simulator, 'POST /clock/advance', { seconds: 60 });
    expect((await versionsIn('kv-overtaken')).length).toBe(before + 1);
  });
});
