import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ClusterView } from '#libs/contracts/http/cluster-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { endOf } from '../support/operations.ts';
import { orderFor, providersOf, workspaceNamed } from '../support/orders.ts';
import { askArmAsOwner } from '../support/owner.ts';
import { startProduct, type Product } from '../support/product.ts';
import { askControl, plantFault } from '../support/simulator-control.ts';

/** Clusters that others made: looked at, taken over as they are, and never changed. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

const ended = async (requested: Promise<{ operationId: string }>) =>
  await endOf(product.as('reader'), (await requested).operationId);

async function cardOf({ cluster }: ProvisionBodyInput): Promise<ClusterView> {
  const reader = product.as('reader');
  // The entity hears of an ending by a signal, a moment later.
  return await vi.waitFor(async () => {
    const card = await reader.readCluster(cluster);
    expect(card.operations).toEqual([]);
    return card;
  });
}

/** Makes by raw ARM calls what a provision makes, in other letter case and without a version. */
async function makeByHand(own: ProvisionBodyInput, name: string): Promise<ProvisionBodyInput> {
  const { simulator } = product.stack;
  const { location, subscriptionId } = simulator;
  const order = orderFor(simulator, name);
  const put = async (path: string, body: object) => {
    const answer = await askArmAsOwner(simulator, 'PUT', { path, body });
    expect(answer.ok, await answer.clone().text()).toBe(true);
  };
  const settle = async () => await askControl(simulator, 'POST /clock/advance', { seconds: 7200 });
  const clusterPath = `${providersOf(simulator)}/microsoft.operationalinsights/CLUSTERS/${name.toUpperCase()}?api-version=2025-07-01`;
  const cluster = {
    location: 'West Europe',
    sku: { name: 'capacityreservation', capacity: own.capacityGbPerDay },
  };
  await put(clusterPath, { ...cluster, identity: { type: 'SystemAssigned' } });
  await settle();
  const made = await askArmAsOwner(simulator, 'GET', { path: clusterPath });
  const { identity } = (await made.json()) as { identity: { principalId: string } };
  const vault = own.key.vaultId;
  const assignment = `${vault}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
  await put(`${assignment}?api-version=2022-04-01`, {
    properties: {
      principalId: identity.principalId,
      principalType: 'ServicePrincipal',
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6`,
    },
  });
  await settle();
  const keyVaultProperties = {
    keyVaultUri: `https://${vault.split('/').at(-1)?.toUpperCase()}.vault.azure.net/`,
    keyName: own.key.name,
    keyVersion: '',
  };
  await put(clusterPath, {
    ...cluster,
    location,
    identity: { type: 'SystemAssigned' },
    properties: { keyVaultProperties },
  });
  await settle();
  return order;
}

async function makeRoleVault(name: string): Promise<string> {
  const { simulator } = product.stack;
  const path = `${providersOf(simulator)}/Microsoft.KeyVault/vaults/${name}`;
  const answer = await askArmAsOwner(simulator, 'PUT', {
    path: `${path}?api-version=2023-07-01`,
    body: {
      location: simulator.location,
      properties: {
        tenantId: simulator.tenantId,
        sku: { family: 'A', name: 'standard' },
        enableRbacAuthorization: true,
        enablePurgeProtection: true,
      },
    },
  });
  expect(answer.ok).toBe(true);
  return path;
}

describe('a cluster made by raw ARM calls', () => {
  let own: ProvisionBodyInput;
  let byHand: ProvisionBodyInput;

  beforeAll(async () => {
    const { simulator } = product.stack;
    const vaultId = await makeRoleVault('kv-adopted');
    const order = orderFor(simulator, 'clu-own');
    own = { ...order, key: { ...order.key, vaultId, mode: 'automatic' } };
    expect(await ended(product.as('operator').provisionCluster(own))).toMatchObject({
      state: 'succeeded',
    });
    byHand = await makeByHand(own, 'clu-by-hand');
  });

  it('is discovered with what it shows, and is known only once it is adopted', async () => {
    const { subscriptionId } = product.stack.simulator;
    const { state, clusters } = await product.as('reader').discoverClusters(subscriptionId);
    expect(state).toBe('done');
    const found = clusters.map(({ id, isKnown, key, findings }) => ({
      name: id.split('/').at(-1)?.toLowerCase(),
      isKnown,
      mode: key?.mode,
      findings: findings.count,
    }));
    expect(found).toEqual([
      { name: 'clu-own', isKnown: true, mode: 'automatic', findings: 0 },
      { name: 'clu-by-hand', isKnown: false, mode: 'automatic', findings: 0 },
    ]);
  });

  it('gives the card that our own provision gives', async () => {
    const operation = await ended(
      product.as('operator').operateCluster(byHand.cluster, { kind: 'adopt' }),
    );
    expect(operation.outcome?.summary).toBe('The cluster was read; nothing is amiss.');
    const [card, ours] = [await cardOf(byHand), await cardOf(own)];
    const same = ({ state, region, capacityGbPerDay, key, linkedWorkspaces }: ClusterView) => ({
      state,
      region,
      capacityGbPerDay,
      key: { kid: key?.kid, mode: key?.mode },
      linkedWorkspaces,
    });
    expect(same(card)).toEqual(same(ours));
    expect(card.principalId).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it('is taken over by a provision that asks for that, with a finding for each mismatch', async () => {
    const { simulator } = product.stack;
    const workspaces = [workspaceNamed(simulator, 'ws-payments')];
    const asked = { ...byHand, capacityGbPerDay: 1000, workspaces, onExisting: 'adopt' } as const;
    const operation = await ended(product.as('operator').provisionCluster(asked));
    expect(operation.state).toBe('succeeded');
    const targets = operation.outcome?.findings
      .filter(({ code }) => code === 'not_as_requested')
      .map(({ target }) => target);
    expect(targets).toEqual(['capacityGbPerDay', 'key', 'workspaces']);
    expect((await cardOf(byHand)).capacityGbPerDay).toBe(500);
  });

  it('shows in an inspection what went wrong since, once each, with a remedy', async () => {
    const { simulator } = product.stack;
    const grants = `${own.key.vaultId}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`;
    const { value } = (await (await askArmAsOwner(simulator, 'GET', { path: grants })).json()) as {
      value: { id: string; properties: { principalId: string } }[];
    };
    const { principalId } = await cardOf(byHand);
    for (const { id } of value.filter(({ properties }) => properties.principalId === principalId)) {
      await askArmAsOwner(simulator, 'DELETE', { path: `${id}?api-version=2022-04-01` });
    }
    const operation = await ended(
      product.as('operator').operateCluster(byHand.cluster, { kind: 'inspect' }),
    );
    expect(operation.outcome?.findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'missing_permission warning',
    ]);
    expect((await cardOf(byHand)).findings).toMatchObject({ count: 1 });
  });
});

it('refuses to adopt what is not there, and keeps nothing of it', async () => {
  const { cluster } = orderFor(product.stack.simulator, 'clu-nowhere');
  const operation = await ended(product.as('operator').operateCluster(cluster, { kind: 'adopt' }));
  expect(operation).toMatchObject({ state: 'refused' });
  expect(operation.outcome?.findings.map(({ code }) => code)).toEqual(['cluster_missing']);
  await vi.waitFor(
    async () =>
      await expect(product.as('reader').readCluster(cluster)).rejects.toMatchObject({
        problem: { status: 404, code: 'cluster_unknown' },
      }),
  );
});

it('says of a discovery that Azure does not let it what it lacks', async () => {
  const { simulator } = product.stack;
  const message = "The client 'x' does not have authorization to perform action 'a'.";
  const action = { kind: 'status', status: 403, message } as const;
  const mend = await plantFault(simulator, { path: 'OperationalInsights/clusters', action });
  await expect(
    product.as('reader').discoverClusters(simulator.subscriptionId),
  ).rejects.toMatchObject({ problem: { code: 'missing_permission' } });
  await mend();
});

it('does not inspect a cluster that it does not look after', async () => {
  const { cluster } = orderFor(product.stack.simulator, 'clu-unknown');
  await expect(
    product.as('operator').operateCluster(cluster, { kind: 'inspect' }),
  ).rejects.toMatchObject({ problem: { status: 404, code: 'cluster_unknown' } });
});
