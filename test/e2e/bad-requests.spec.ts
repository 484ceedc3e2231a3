import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Problem } from '#libs/contracts/http/problem.ts';
import { tokenFor } from '../support/entra.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';
import { startProduct, type Product } from '../support/product.ts';
import { askApi, problemIn, type RawRequest } from '../support/raw-api.ts';
import { exchangesOf } from '../support/simulator-control.ts';

let product: Product;
let token: string;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
  token = await tokenFor(product.stack.simulator, 'operator', 'api://keyturn/.default');
});

afterAll(async () => {
  await product.stop();
});

const refused = async (request: Omit<RawRequest, 'token'>): Promise<Problem> =>
  await problemIn(await askApi(product.stack.api, { token, ...request }));

const posted = async (body: string): Promise<Problem> =>
  await refused({ method: 'POST', path: '/v1/clusters', key: 'bad', body });

const order = () => orderFor(product.stack.simulator, 'clu-bad');

/** What is wrong, as `field rule`; every problem must say what to do. */
function fieldsOf({ problems = [] }: Problem): string[] {
  expect(problems.filter(({ remedy, message }) => remedy === '' || message === '')).toEqual([]);
  return problems.map(({ field, rule }) => `${field} ${rule ?? '-'}`).toSorted();
}

describe('a bad provision request', () => {
  it('of a wrong form is told everything that is wrong at once', async () => {
    const { key, cluster } = order();
    const problem = await posted(
      JSON.stringify({
        cluster: { ...cluster, subscriptionId: 'mine', name: '-' },
        capacityGbPerDay: '500',
        key: { ...key, vaultId: 'kv-1', mode: 'manual' },
        workspaces: ['ws-payments'],
        capacity: 500,
        onExisting: 'overwrite',
      }),
    );
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(fieldsOf(problem)).toEqual([
      'capacity R56',
      'capacityGbPerDay R6',
      'cluster.name R100',
      'cluster.subscriptionId R174',
      'key.mode R93',
      'key.vaultId R25',
      'onExisting -',
      'region R11',
      'workspaces[0] R69',
    ]);
  });

  it('against the rules of the service is told every rule at once', async () => {
    const { key, cluster, ...rest } = order();
    const workspace = workspaceNamed(product.stack.simulator, 'ws-payments');
    const problem = await posted(
      JSON.stringify({
        ...rest,
        cluster: { ...cluster, name: 'bad-name-' },
        key: { ...key, sizeBits: 1024, version: 'ab'.repeat(16) },
        workspaces: [workspace, workspace.toUpperCase()],
        identity: { type: 'UserAssigned' },
      }),
    );
    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(fieldsOf(problem)).toEqual([
      'cluster.name R100',
      'identity.userAssignedIdentityId R33',
      'key.sizeBits R29',
      'key.version R30',
      'workspaces[1] R174',
    ]);
  });

  it('that is no JSON is refused', async () => {
    expect(await posted('{"cluster":')).toMatchObject({
      status: 400,
      code: 'invalid_request',
      detail: 'the body of the request is not well-formed JSON',
    });
  });

  it('without a key of its own is refused', async () => {
    const body = JSON.stringify(order());
    expect(await refused({ method: 'POST', path: '/v1/clusters', body })).toMatchObject({
      status: 400,
      code: 'idempotency_key_missing',
    });
  });

  it('never reaches Azure', async () => {
    const { simulator } = product.stack;
    expect(await exchangesOf(simulator, /login\.microsoftonline\.com/u)).not.toEqual([]);
    expect(await exchangesOf(simulator, /management\.azure\.com|vault\.azure\.net/u)).toEqual([]);
  });
});

describe('what is not there', () => {
  it.each([
    ['cluster', 'cluster_unknown', () => clusterPath()],
    ['operation', 'operation_unknown', () => operationPath],
    ['route', 'not_found', () => '/v1/nothing'],
  ])('is told apart: %s, %s', async (_, code, path) => {
    expect(await refused({ path: path() })).toMatchObject({ status: 404, code });
  });

  it('cannot be answered either', async () => {
    const path = `${operationPath}/cancel`;
    const problem = await refused({ method: 'POST', path, key: 'bad', body: '{}' });
    expect(problem).toMatchObject({ status: 404, code: 'operation_unknown' });
  });

  it('is an operation whose id is none', async () => {
    const problem = await refused({ path: '/v1/operations/latest' });
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(fieldsOf(problem)).toEqual(['id -']);
  });
});

const operationPath = '/v1/operations/7c6c66fb-0279-5b3a-8d51-ba076100138b';

const clusterPath = () => {
  const { subscriptionId, resourceGroup, name } = order().cluster;
  return `/v1/clusters/${subscriptionId}/${resourceGroup}/${name}`;
};
