import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { clusterWorkflowId, messages, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { openOperationsLimit } from '#libs/domain/cluster.ts';
import { letTimeFly, withEngine } from '../support/engine.ts';
import { tokenFor } from '../support/entra.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askApi, problemIn, type RawRequest } from '../support/raw-api.ts';
import { plantFault } from '../support/simulator-control.ts';
import { startTestServer, type TestServer } from '../support/temporal-server.ts';

/** Fewer events than a storm of requests makes: the entity continues as new while they come. */
const eventsOfARun = 250;

let server: TestServer;
let product: Product;

beforeAll(async () => {
  const settings = { 'limit.historyCount.suggestContinueAsNew': eventsOfARun };
  server = await startTestServer((line) => void process.stderr.write(`${line}\n`), settings);
  product = await startProduct(server.address, realTime);
});

afterAll(async () => {
  await product.stop();
  await server.stop();
});

/** Stands and waits for a yes, so that it is open as long as the spec wants. */
const standing = (name: string) => ({
  ...orderFor(product.stack.simulator, name),
  acceptPlan: 'f'.repeat(64),
});

const idOf = (name: string) => clusterWorkflowId(standing(name).cluster);

async function sender(name: string, principal = 'operator') {
  const { simulator, api } = product.stack;
  const token = await tokenFor(simulator, principal, 'api://keyturn/.default');
  const order = standing(name);
  return async (key: string, change: object = {}) => {
    const request: RawRequest = {
      method: 'POST',
      path: '/v1/clusters',
      token,
      key,
      body: JSON.stringify({ ...order, ...change }),
    };
    for (;;) {
      const answer = await askApi(api, request);
      // What came too late on a busy machine is not known, and is asked again with the same key.
      if (answer.status !== 503) return answer;
    }
  };
}

const ticketIn = async (answer: Response) => {
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { operationId: string }).operationId;
};

const runOf = async (name: string) =>
  await withEngine(product.stack, async (client) => {
    const { runId } = await client.getHandle(idOf(name)).describe();
    return runId;
  });

const stepIs =
  (step: string, wanted: string) =>
  ({ steps }: OperationView) =>
    steps.some(({ name, state }) => name === step && state === wanted);

const patient = { timeout: 10_000 };

/** Whether an entity goes on in another run than it began in. */
const isContinued = async (name: string) =>
  await withEngine(product.stack, async (client) => {
    const { runId, raw } = await client.getHandle(idOf(name)).describe();
    return runId !== raw.workflowExecutionInfo?.firstRunId;
  });

describe('fifty requests at once', () => {
  it('with one key are one operation', async () => {
    const send = await sender('clu-one');
    const answers = await Promise.all(Array.from({ length: 50 }, async () => send('the-same')));
    const tickets = await Promise.all(answers.map(ticketIn));
    expect(new Set(tickets).size).toBe(1);
    await vi.waitFor(async () => {
      const { operations } = await product.as('reader').readCluster(standing('clu-one').cluster);
      expect(operations.map(({ id }) => id)).toEqual([tickets[0]]);
    });
  });

  it('with a key each are an operation each, and no more than may be open', async () => {
    const send = await sender('clu-many');
    const keys = Array.from({ length: openOperationsLimit + 10 }, (_, index) => `key-${index}`);
    const answers = await Promise.all(keys.map(async (key) => send(key)));
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status !== 202);
    const tickets = await Promise.all(accepted.map(ticketIn));
    const problems = await Promise.all(refused.map(problemIn));
    expect(problems.map(({ code }) => code)).toEqual(Array(10).fill('cluster_busy'));
    expect(new Set(tickets).size).toBe(openOperationsLimit);
    expect(await isContinued('clu-many')).toBe(true);
  });
});

describe('a request that is repeated', () => {
  it('after the entity has continued as new is what it was, of the same body and caller alone', async () => {
    const [send, other] = [await sender('clu-many'), await sender('clu-many', 'admin')];
    const again = await ticketIn(await send('key-0'));
    expect(await product.as('reader').readOperation(again)).toMatchObject({ id: again });
    const otherwise = await send('key-0', { capacityGbPerDay: 1000 });
    expect(await problemIn(otherwise)).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(await problemIn(await other('key-0'))).toMatchObject({ code: 'cluster_busy' });
    await product.as('operator').cancelOperation(again);
    await vi.waitFor(async () => {
      const { operations } = await product.as('reader').readCluster(standing('clu-many').cluster);
      expect(operations.map(({ id }) => id)).not.toContain(again);
    });
    const theirs = await ticketIn(await other('key-0'));
    expect(theirs).not.toBe(again);
    expect(await ticketIn(await send('key-0'))).toBe(again);
  });

  it('after Temporal has been restarted is what it was', async () => {
    const send = await sender('clu-one');
    const before = await ticketIn(await send('the-same'));
    await server.restart();
    expect(await ticketIn(await send('the-same'))).toBe(before);
    const open = await operationWhen(
      product.as('reader'),
      before,
      ({ state }) => state === 'awaiting-approval',
    );
    expect(open.id).toBe(before);
  });
});

describe('an entity that continues as new', () => {
  it('carries its queue, its holder, an emergency and its deadlines, and loses no signal', async () => {
    const { simulator } = product.stack;
    const order = orderFor(simulator, 'clu-full');
    const [operator, reader] = [product.as('operator'), product.as('reader')];
    const { operationId: made } = await operator.provisionCluster(order);
    await endOf(reader, made);
    const asked = async (who: string, body: OperationBodyInput) =>
      (await product.as(who).operateCluster(order.cluster, body)).operationId;
    const rotate = { kind: 'rotate', to: 'new' } as const;
    const soaking = await asked('operator', { ...rotate, soakHours: 24 });
    const { waiting } = await operationWhen(reader, soaking, ({ state }) => state === 'deferred');

    const action = { kind: 'hang' } as const;
    const mendBind = await plantFault(simulator, {
      method: 'PATCH',
      path: '/clusters/clu-full',
      action,
    });
    const holding = await asked('operator', { ...rotate, soakHours: 0 });
    await operationWhen(reader, holding, stepIs('bind', 'running'));
    const queued = await asked('operator', { ...rotate, soakHours: 0 });
    await operationWhen(reader, queued, ({ state }) => state === 'queued');
    const mendVault = await plantFault(simulator, {
      path: '/vaults/kv-clu-full/accessPolicies/remove',
      action,
    });
    const reason = 'the entity is full';
    const revoking = await asked('approver', { kind: 'revoke', reason, breakGlass: true });
    await operationWhen(reader, revoking, stepIs('revoke', 'running'));

    const before = await operator.readCluster(order.cluster);
    const run = await runOf('clu-full');
    await withEngine(product.stack, async (client) => {
      const entity = client.getHandle(idOf('clu-full'));
      const storm = Array.from({ length: eventsOfARun }, async () =>
        entity.signal(messages.factsLearnt, { events: [] }),
      );
      await Promise.all(storm);
    });
    await vi.waitFor(async () => expect(await runOf('clu-full')).not.toBe(run), patient);
    expect(await operator.readCluster(order.cluster)).toEqual(before);
    expect(before.deadlines).toEqual([
      { operationId: soaking, reason: 'soak', at: waiting?.until },
    ]);
    expect(before.operations.map(({ id }) => id)).toEqual([soaking, holding, queued, revoking]);

    await mendVault();
    await mendBind();
    // What hangs is given up with its worker.
    await product.stack.worker.kill();
    await product.stack.worker.start();
    // Who held the lane has it again after the emergency, then who waited: both learn of the revocation.
    for (const id of [holding, queued]) {
      const { state, outcome } = await endOf(reader, id);
      expect({ state, codes: outcome?.findings.map(({ code }) => code) }).toEqual({
        state: 'refused',
        codes: ['cluster_revoked'],
      });
    }
    await letTimeFly(product.stack, operationWorkflowId(revoking));
    expect((await endOf(reader, revoking)).state).toBe('succeeded');
    await vi.waitFor(async () => {
      const { state, operations, deadlines } = await operator.readCluster(order.cluster);
      expect({ state, open: operations.map(({ id }) => id), deadlines }).toEqual({
        state: 'revoked',
        open: [soaking],
        deadlines: before.deadlines,
      });
    }, patient);
  });
});
