import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { readToolsConfig } from '../../tools/config.ts';
import { startChild } from '../../tools/processes/child.ts';
import { apiProgram } from '../../tools/stack/programs.ts';
import { findFreePorts } from '../../tools/temporal-server/free-ports.ts';
import { letTimeFly } from '../support/engine.ts';
import { tokenFor } from '../support/entra.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { makeAndDeleteCluster } from '../support/owner.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askApi, problemIn, type RawRequest } from '../support/raw-api.ts';
import { askControl, exchangesOf } from '../support/simulator-control.ts';

const dayMs = 86_400_000;

let product: Product;

// In virtual time a wait is over before its worker can be killed.
beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

async function postedOrder(name: string): Promise<RawRequest> {
  const { simulator } = product.stack;
  return {
    method: 'POST',
    path: '/v1/clusters',
    token: await tokenFor(simulator, 'operator', 'api://keyturn/.default'),
    key: `order-${name}`,
    body: JSON.stringify(orderFor(simulator, name)),
  };
}

const writesTo = async (path: RegExp) =>
  (await exchangesOf(product.stack.simulator, path)).filter(
    ({ method, status }) => method !== 'GET' && status < 400,
  );

describe('with every worker down', () => {
  it('a request is neither lost nor done twice, and reads go on', async () => {
    const { stack } = product;
    await stack.worker.kill();
    const order = await postedOrder('clu-patient');
    const askedAt = Date.now();
    const posting = askApi(stack.api, order);
    expect(await product.as('reader').listClusters()).toEqual({ items: [] });

    const answer = await posting;
    expect(Date.now() - askedAt).toBeLessThan(15_000);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problemIn(answer)).toMatchObject({ status: 503, code: 'outcome_unknown' });

    await stack.worker.start();
    const tickets = [await askApi(stack.api, order), await askApi(stack.api, order)];
    expect(tickets.map(({ status }) => status)).toEqual([202, 202]);
    const [first, second] = await Promise.all(tickets.map(async (ticket) => ticket.json()));
    expect(second).toEqual(first);
    const { operationId } = first as { operationId: string };
    const client = product.as('operator');
    expect((await endOf(client, operationId)).state).toBe('succeeded');
    const cluster = formatClusterId(orderFor(stack.simulator, 'clu-patient').cluster);
    await vi.waitFor(async () => {
      const { items } = await client.listOperations({ cluster });
      expect(items.map(({ id }) => id)).toEqual([operationId]);
    });
    expect(await writesTo(/clusters\/clu-patient\?/u)).toHaveLength(2);
    expect(await writesTo(/kv-clu-patient\..*\/keys\/cmk\/create/u)).toHaveLength(1);
  });
});

describe('with a worker killed while a name is reserved', () => {
  it('the wait goes on to the same instant, and nothing is sent before it', async () => {
    const { simulator, worker } = product.stack;
    const order = orderFor(simulator, 'clu-held');
    await makeAndDeleteCluster(simulator, formatClusterId(order.cluster));
    const client = product.as('operator');
    const { operationId } = await client.provisionCluster({ ...order, onNameReserved: 'wait' });
    const { waiting } = await operationWhen(
      client,
      operationId,
      ({ state }) => state === 'deferred',
    );
    const until = Date.parse(waiting?.until ?? '');
    expect(Math.abs(until - Date.now() - 14 * dayMs)).toBeLessThan(300_000);

    await vi.waitFor(async () => {
      const { deadlines } = await client.readCluster(order.cluster);
      expect(deadlines).toEqual([{ operationId, reason: 'name_reserved', at: waiting?.until }]);
    });

    await worker.kill();
    expect((await client.readOperation(operationId)).waiting).toEqual(waiting);
    await worker.start();
    expect((await client.readOperation(operationId)).waiting).toEqual(waiting);

    await askControl(simulator, 'POST /clock/advance', { seconds: 14 * 86_400 });
    await letTimeFly(product.stack, operationWorkflowId(operationId));
    const { state, steps } = await endOf(client, operationId);
    expect(state).toBe('succeeded');
    expect(Date.parse(steps[0]?.startedAt ?? '')).toBeGreaterThanOrEqual(until);
    await vi.waitFor(async () => {
      expect((await client.readCluster(order.cluster)).deadlines).toEqual([]);
    });
    const [, , created] = await writesTo(/clusters\/clu-held\?/u);
    expect(created).toMatchObject({ method: 'PUT', principal: 'keyturn' });
    expect(Date.parse(created?.at ?? '')).toBeGreaterThanOrEqual(until);
  });
});

describe('without Temporal', () => {
  it('the API lives, is not ready, and says that it cannot be reached', async () => {
    const { namespace, simulator, ledger } = product.stack;
    const [closedPort] = await findFreePorts(1);
    const { environment } = readToolsConfig();
    const settings = {
      dataFolder: dirname(ledger),
      pace: 1,
      virtualTime: false,
      apiPort: 0,
      rules: 'current',
      namespace,
      environment,
    } as const;
    const api = startChild({
      ...apiProgram(settings, `127.0.0.1:${closedPort}`, simulator),
      command: process.execPath,
      isReady: (line) => (line as { ready?: boolean }).ready === true,
      log: () => {},
    });
    try {
      const { port } = (await api.ready(20_000)) as { port: number };
      const url = `http://127.0.0.1:${port}`;
      const ask = async (path: string) => askApi(url, { path });
      expect((await ask('/health/live')).status).toBe(200);
      const unready = await ask('/health/ready');
      expect(unready.headers.get('retry-after')).not.toBeNull();
      expect(await problemIn(unready)).toMatchObject({ status: 503, code: 'engine_unavailable' });

      const answer = await askApi(url, await postedOrder('clu-nobody'));
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await problemIn(answer)).toMatchObject({ status: 503, code: 'engine_unavailable' });
    } finally {
      await api.stop(5000);
    }
  });
});
