import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor, providersOf } from '../support/orders.ts';
import { askArmAsOwner, makeAsOwner } from '../support/owner.ts';
import { startProduct, type Product } from '../support/product.ts';

/** Provision over what people have already: either grant model, either identity, keys from everywhere. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'));
});

afterAll(async () => {
  await product.stop();
});

async function provision(body: ProvisionBodyInput): Promise<OperationView> {
  const client = product.as('operator');
  const { operationId } = await client.provisionCluster(body);
  return await endOf(client, operationId);
}

/** A vault that somebody made by hand. */
async function makeVault(name: string, properties: object): Promise<string> {
  const { simulator } = product.stack;
  const path = `${providersOf(simulator)}/Microsoft.KeyVault/vaults/${name}`;
  await makeAsOwner(simulator, `${path}?api-version=2023-07-01`, {
    location: simulator.location,
    properties: {
      tenantId: simulator.tenantId,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      ...properties,
    },
  });
  return path;
}

async function makeIdentity(name: string): Promise<string> {
  const { simulator } = product.stack;
  const path = `${providersOf(simulator)}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const { location } = simulator;
  await makeAsOwner(simulator, `${path}?api-version=2023-01-31`, { location });
  return path;
}

const readVault = async (path: string) => {
  const answer = await askArmAsOwner(product.stack.simulator, 'GET', {
    path: `${path}?api-version=2023-07-01`,
  });
  return (await answer.json()) as { properties: { enablePurgeProtection?: boolean } };
};

const codesOf = ({ outcome }: OperationView) => outcome?.findings.map(({ code }) => code);

describe('a vault that goes by roles', () => {
  it('gives the cluster its role there, and the bind waits until it has spread', async () => {
    const { simulator } = product.stack;
    const vaultId = await makeVault('kv-roles', {
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
    });
    const order = orderFor(simulator, 'clu-roles');
    const operation = await provision({ ...order, key: { ...order.key, vaultId } });
    expect(operation.outcome?.summary).toContain('under the customer');
    expect(operation.state).toBe('succeeded');
    const grant = operation.steps.find(({ name }) => name === 'grant');
    expect(grant?.detail).toBe('Key Vault Crypto Service Encryption User');
  });
});

describe('a user-assigned identity', () => {
  it('uses the key for the cluster', async () => {
    const userAssignedIdentityId = await makeIdentity('uai-cluster');
    const operation = await provision({
      ...orderFor(product.stack.simulator, 'clu-uai'),
      identity: { type: 'UserAssigned', userAssignedIdentityId },
    });
    expect(operation.state).toBe('succeeded');
  });

  it('that does not exist refuses the request before anything is made', async () => {
    const order = orderFor(product.stack.simulator, 'clu-no-uai');
    const userAssignedIdentityId = `${providersOf(product.stack.simulator)}/Microsoft.ManagedIdentity/userAssignedIdentities/none`;
    const operation = await provision({
      ...order,
      identity: { type: 'UserAssigned', userAssignedIdentityId },
    });
    expect(operation).toMatchObject({ state: 'refused', outcome: { left: [] } });
    expect(codesOf(operation)).toEqual(['identity_missing']);
  });
});

describe('a key from elsewhere', () => {
  it('is imported from the folder of the worker, and nothing of it is told', async () => {
    const folder = join(product.dataFolder, 'import');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'own.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const order = orderFor(product.stack.simulator, 'clu-import');
    const operation = await provision({
      ...order,
      key: { ...order.key, source: { importFrom: 'own.pem' } },
    });
    expect(operation.state).toBe('succeeded');
    const { d = '' } = privateKey.export({ format: 'jwk' });
    expect(JSON.stringify(operation)).not.toContain(d.slice(0, 40));
  });

  it('that is not there refuses the request', async () => {
    const order = orderFor(product.stack.simulator, 'clu-no-file');
    const operation = await provision({
      ...order,
      key: { ...order.key, source: { importFrom: 'none.pem' } },
    });
    expect(codesOf(operation)).toEqual(['import_unusable']);
  });

  it('is used when it is in the vault already', async () => {
    const order = orderFor(product.stack.simulator, 'clu-used');
    const { vaultId } = orderFor(product.stack.simulator, 'clu-import').key;
    const operation = await provision({
      ...order,
      key: { vaultId, name: 'cmk', source: 'use' },
    });
    expect(operation.state).toBe('succeeded');
    expect(operation.steps.find(({ name }) => name === 'key')?.title).toBe('Key cmk, found');
  });
});

describe('a vault without purge protection', () => {
  it('is protected after a second person said yes, and not before', async () => {
    const vaultId = await makeVault('kv-open', { enableSoftDelete: true });
    const order = orderFor(product.stack.simulator, 'clu-open');
    const client = product.as('operator');
    const { operationId } = await client.provisionCluster({
      ...order,
      key: { ...order.key, vaultId },
    });
    const waiting = await operationWhen(
      client,
      operationId,
      ({ state }) => state === 'awaiting-approval',
    );
    expect(waiting.approval).toMatchObject({ from: 'second-person' });
    expect((await readVault(vaultId)).properties.enablePurgeProtection).not.toBe(true);
    await product.as('approver').approveOperation(operationId, waiting.plan?.hash ?? '');
    const operation = await endOf(client, operationId);
    expect(operation.state).toBe('succeeded');
    expect((await readVault(vaultId)).properties.enablePurgeProtection).toBe(true);
  });
});
