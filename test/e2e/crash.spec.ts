import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readTraces } from '../../tools/demo/azure-traces.ts';
import { blowsOn, killAt } from '../../tools/demo/kills.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

it('survives kills of its worker at requests whose answers are lost, and does nothing twice', async () => {
  const { stack } = product;
  const names = ['ws-payments', 'ws-trading', 'ws-audit'];
  const body = {
    ...orderFor(stack.simulator, 'clu-crash'),
    workspaces: names.map((name) => workspaceNamed(stack.simulator, name)),
  };
  const killing = killAt(stack, blowsOn(body), {});
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster(body);
  expect(await endOf(client, operationId)).toMatchObject({ state: 'succeeded' });

  expect((await killing).map(({ title }) => title)).toEqual([
    'the creation of the key',
    'the PUT of the cluster',
    'the PUT of a link',
  ]);
  const traces = await readTraces(stack.simulator, body);
  expect(traces).toEqual({
    clusterCreations: 1,
    keyCreations: 1,
    keyVersions: [expect.any(String)],
    boundVersion: traces.keyVersions[0],
    links: names.map((workspace) => ({ workspace, made: 1, linked: true })),
  });
});
