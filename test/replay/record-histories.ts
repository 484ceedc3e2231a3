import { rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection, WorkflowClient, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { clusterWorkflowId, keyWorkflowId, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { makeKey, makeVault } from '../support/by-hand.ts';
import { inspectNow, withEngine } from '../support/engine.ts';
import { endOf, flown, operationWhen } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { makeAndDeleteCluster } from '../support/owner.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { plantFault } from '../support/simulator-control.ts';
import { startTestServer } from '../support/temporal-server.ts';
import { withoutTraces } from './without-traces.ts';

/**
 * Records what today's workflows write (`npm run record`), for `replay.spec.ts` to go on from tomorrow.
 * A history of each ending that takes another way through the code.
 */
const folder = join(import.meta.dirname, 'histories');

let product: Product;
let connection: Connection;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
  connection = await Connection.connect({ address: inject('temporalAddress') });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
});

afterAll(async () => {
  await connection.close();
  await product.stop();
});

async function save(name: string, workflowId: string, runId?: string): Promise<void> {
  const { namespace } = product.stack;
  const client = new WorkflowClient({ connection, namespace });
  await write(name, await client.getHandle(workflowId, runId).fetchHistory());
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

async function write(name: string, history: History): Promise<void> {
  const bytes = proto.temporal.api.history.v1.History.encode(withoutTraces(history)).finish();
  await writeFile(join(folder, `${name}.binpb`), bytes);
}

const request = async (body: ProvisionBodyInput) =>
  (await product.as('operator').provisionCluster(body)).operationId;

const inState = async (id: string, state: OperationView['state']) =>
  await operationWhen(product.as('reader'), id, (operation) => operation.state === state);

async function saveEnded(name: string, id: string, state: OperationView['state']): Promise<void> {
  expect(await endOf(product.as('reader'), id)).toMatchObject({ state });
  await save(name, operationWorkflowId(id));
}

it('a provision that is asked about, and approved', async () => {
  const body = orderFor(product.stack.simulator, 'clu-asked');
  const id = await request({ ...body, acceptPlan: 'f'.repeat(64) });
  const { plan } = await inState(id, 'awaiting-approval');
  await product.as('approver').approveOperation(id, plan?.hash ?? '');
  await saveEnded('provision-approved', id, 'succeeded');
  await save('key-shared', keyWorkflowId(body.key.vaultId, body.key.name));
});

it('a provision that is rejected', async () => {
  const body = orderFor(product.stack.simulator, 'clu-rejected');
  const id = await request({ ...body, acceptPlan: 'f'.repeat(64) });
  await inState(id, 'awaiting-approval');
  await product.as('approver').rejectOperation(id, { reason: 'recorded' });
  await saveEnded('provision-rejected', id, 'rejected');
});

it('a provision that needs attention: resumed, and cancelled', async () => {
  const { simulator } = product.stack;
  const refusal = { kind: 'status', status: 403, message: 'Forbidden for the recording' } as const;
  const path = '/vaults/kv-clu-attention/';
  const remove = await plantFault(simulator, { path, action: refusal });
  const id = await request(orderFor(simulator, 'clu-attention'));
  await inState(id, 'attention');
  await remove();
  await product.as('operator').resumeOperation(id);
  await saveEnded('provision-resumed', id, 'succeeded');

  await plantFault(simulator, { path: '/vaults/kv-clu-cancelled/', action: refusal });
  const other = await request(orderFor(simulator, 'clu-cancelled'));
  await inState(other, 'attention');
  await product.as('operator').cancelOperation(other);
  await saveEnded('provision-cancelled', other, 'cancelled');
});

it('an entity that continues as new, and what it continues as', async () => {
  const settings = { 'limit.historyCount.suggestContinueAsNew': 40 };
  const server = await startTestServer(() => {}, settings);
  const small = await startProduct(server.address);
  try {
    const body = { ...orderFor(small.stack.simulator, 'clu-full'), planOnly: true };
    for (let asked = 0; asked < 5; asked += 1) {
      const { operationId } = await small.as('operator').provisionCluster(body);
      await endOf(small.as('reader'), operationId);
    }
    await withEngine(small.stack, async (client) => {
      const id = clusterWorkflowId(body.cluster);
      const { raw } = await client.getHandle(id).describe();
      const { firstRunId } = raw.workflowExecutionInfo ?? {};
      if (!firstRunId) throw new Error('saving an entity: its first run is not known');
      await write('cluster-continuing', await client.getHandle(id, firstRunId).fetchHistory());
      await write('cluster-continued', await client.getHandle(id).fetchHistory());
    });
  } finally {
    await small.stop();
    await server.stop();
  }
});

it('a key that is replaced, and the retirement that follows, with their entity', async () => {
  const body = orderFor(product.stack.simulator, 'clu-safer');
  expect(await endOf(product.as('reader'), await request(body))).toMatchObject({
    state: 'succeeded',
  });
  const key = { vaultId: `${body.key.vaultId}-2`, name: 'cmk' };
  const waits = { soakHours: 0, keepHours: 0 };
  const replacing = { kind: 'replace-key', key, reason: 'recorded', ...waits } as const;
  const { operationId } = await product.as('operator').operateCluster(body.cluster, replacing);
  await saveEnded('replace-key-succeeded', operationId, 'succeeded');
  const { followedBy } = await product.as('reader').readOperation(operationId);
  const next = followedBy?.id ?? '';
  await vi.waitFor(async () => await product.as('reader').readOperation(next));
  const { plan } = await inState(next, 'awaiting-approval');
  await product.as('approver').approveOperation(next, plan?.hash ?? '');
  await saveEnded('retire-version-succeeded', next, 'succeeded');
  await save('cluster-with-follow-up', clusterWorkflowId(body.cluster));
});

it('a rotation that has the other cluster of its key rotated too', async () => {
  const body = orderFor(product.stack.simulator, 'clu-shared');
  const key = { ...body.key, source: 'use' } as const;
  const other = { ...orderFor(product.stack.simulator, 'clu-mate'), key };
  for (const order of [body, other])
    expect(await endOf(product.as('reader'), await request(order))).toMatchObject({
      state: 'succeeded',
    });
  const rotating = { kind: 'rotate', to: 'new', clusters: 'all', soakHours: 0 } as const;
  const { operationId } = await product
    .as('operator')
    .operateCluster(body.cluster, { ...rotating, retire: false });
  await saveEnded('rotate-together-succeeded', operationId, 'succeeded');
});

// It waits out the hour of a revocation, which takes the simulator's clock ahead of what begins after it.
it('a provision that succeeds, one that is refused, and every other kind, with their entity', async () => {
  const { simulator } = product.stack;
  const workspaces = ['ws-payments', 'ws-trading'].map((name) => workspaceNamed(simulator, name));
  const body = { ...orderFor(simulator, 'clu-recorded'), workspaces };
  await saveEnded('provision-succeeded', await request(body), 'succeeded');
  await saveEnded('provision-refused', await request(body), 'refused');
  const inspecting = product.as('operator').operateCluster(body.cluster, { kind: 'inspect' });
  await saveEnded('inspect-succeeded', (await inspecting).operationId, 'succeeded');
  const rotating = product
    .as('operator')
    .operateCluster(body.cluster, { kind: 'rotate', to: 'new', soakHours: 0, retire: false });
  await saveEnded('rotate-succeeded', (await rotating).operationId, 'succeeded');
  const revoking = { kind: 'revoke', reason: 'recorded', breakGlass: true } as const;
  const revoked = await product.as('approver').operateCluster(body.cluster, revoking);
  await saveEnded('revoke-succeeded', revoked.operationId, 'succeeded');
  const recovering = product.as('operator').operateCluster(body.cluster, { kind: 'recover' });
  await saveEnded('recover-succeeded', (await recovering).operationId, 'succeeded');
  await save('cluster-six-operations', clusterWorkflowId(body.cluster));
});

// One after the other, each over its own waits: in virtual time the recovery would not wait for the revocation.
it('a drill by the versions of a key: revoked, and recovered at its instant', async () => {
  const apart = await startProduct(inject('temporalAddress'), realTime);
  try {
    const body = orderFor(apart.stack.simulator, 'clu-drilled');
    const reader = apart.as('reader');
    const made = await apart.as('operator').provisionCluster(body);
    expect(await endOf(reader, made.operationId)).toMatchObject({ state: 'succeeded' });
    // Behind the hour of the revocation.
    const recoverAt = new Date(Date.now() + 12 * 3_600_000).toISOString();
    const drill = { kind: 'revoke', reason: 'recorded', by: 'versions', recoverAt } as const;
    const revoking = await apart
      .as('approver')
      .operateCluster(body.cluster, { ...drill, breakGlass: true });
    const cluster = formatClusterId(body.cluster);
    expect(await flown(apart, revoking.operationId)).toMatchObject({ state: 'succeeded' });
    const { items } = await reader.listOperations({ cluster, kind: 'recover' });
    const recovering = items[0]?.id ?? '';
    expect(await flown(apart, recovering)).toMatchObject({ state: 'succeeded' });
    await withEngine(apart.stack, async (client) => {
      const saved = [
        ['revoke-versions-succeeded', operationWorkflowId(revoking.operationId)],
        ['recover-planned-succeeded', operationWorkflowId(recovering)],
        ['cluster-drilled', clusterWorkflowId(body.cluster)],
      ] as const;
      for (const [name, id] of saved) await write(name, await client.getHandle(id).fetchHistory());
    });
  } finally {
    await apart.stop();
  }
});

it('an inspection that finds a version which somebody made', async () => {
  const { simulator } = product.stack;
  const body = orderFor(simulator, 'clu-behind');
  await makeVault(simulator, 'kv-clu-behind');
  expect(await endOf(product.as('reader'), await request(body))).toMatchObject({
    state: 'succeeded',
  });
  await makeKey(simulator, 'kv-clu-behind', { name: body.key.name });
  // Lists follow a moment behind.
  const { workflowId, runId } = await vi.waitFor(
    async () => {
      const { result, ...seen } = await inspectNow(product.stack);
      expect(result).not.toMatchObject({ changed: 0 });
      return seen;
    },
    { timeout: 20_000 },
  );
  await save('inspect-all-with-news', workflowId, runId);
});

it('an inspection of every cluster', async () => {
  const { workflowId, runId } = await inspectNow(product.stack);
  await save('inspect-all', workflowId, runId);
});

// Last: it takes the simulator's clock fourteen days ahead of every workflow that begins now.
it('a provision that waits for a name', async () => {
  const { simulator } = product.stack;
  const body = orderFor(simulator, 'clu-held');
  await makeAndDeleteCluster(simulator, formatClusterId(body.cluster));
  await saveEnded(
    'provision-deferred',
    await request({ ...body, onNameReserved: 'wait' }),
    'succeeded',
  );
});
