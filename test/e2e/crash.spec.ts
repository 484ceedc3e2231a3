import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readTraces } from '../../tools/demo/azure-traces.ts';
import { blowsOn, killAt } from '../../tools/demo/kills.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { plantFault, readExchanges } from '../support/simulator-control.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

const orderWith = (name: string, workspaces: readonly string[]) => ({
  ...orderFor(product.stack.simulator, name),
  workspaces: workspaces.map((workspace) => workspaceNamed(product.stack.simulator, workspace)),
});

type Order = ReturnType<typeof orderWith>;

async function expectSuccess(order: Order): Promise<void> {
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster(order);
  expect(await endOf(client, operationId)).toMatchObject({ state: 'succeeded' });
}

/** One creation of the cluster took effect, one version was made and is bound, one link for each workspace. */
async function expectNothingTwice(order: Order, workspaces: readonly string[]): Promise<void> {
  const traces = await readTraces(product.stack.simulator, order);
  expect(traces).toEqual({
    clusterCreations: 1,
    keyCreations: 1,
    keyVersions: [expect.any(String)],
    boundVersion: traces.keyVersions[0],
    links: workspaces.map((workspace) => ({ workspace, made: 1, linked: true })),
  });
}

describe('requests whose answers are lost', () => {
  it('with the worker, killed three times, are not repeated', async () => {
    const workspaces = ['ws-payments', 'ws-trading'];
    const order = orderWith('clu-crash', workspaces);
    const killing = killAt(product.stack, blowsOn(order), {});
    await expectSuccess(order);
    expect((await killing).map(({ title }) => title)).toEqual([
      'the creation of the key',
      'the PUT of the cluster',
      'the PUT of a link',
    ]);
    await expectNothingTwice(order, workspaces);
  });

  it('to a worker that lives are not repeated', async () => {
    const workspaces = ['ws-audit'];
    const order = orderWith('clu-deaf', workspaces);
    const action = { kind: 'reset', when: 'after' } as const;
    for (const { method, path } of blowsOn(order)) {
      const rule = { method, path, principal: 'keyturn', count: 1, action };
      await plantFault(product.stack.simulator, rule);
    }
    await expectSuccess(order);
    const lost = (await readExchanges(product.stack.simulator)).filter(
      ({ fault }) => fault === 'reset after',
    );
    expect(lost.flatMap(({ effects }) => effects)).toEqual([
      'key version created',
      'cluster creation accepted',
      'link accepted',
    ]);
    await expectNothingTwice(order, workspaces);
  });
});
