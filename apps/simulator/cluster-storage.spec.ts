import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AzureFault } from './azure-fault.ts';
import { storageState, validateKey } from './cluster-storage.ts';
import type { StorageState } from './cluster-storage.ts';
import { addFault, removeFaults } from './faults.ts';
import { readAudit } from './key-vault/vault-audit.ts';
import type { Cluster } from './providers/operational-insights/documents.ts';
import {
  clusterAt,
  keyBody,
  provide,
  provideKey,
} from './providers/operational-insights/spec-stories.ts';
import { openSimulatedAzure } from './simulated-azure.ts';
import type { SimulatedAzure } from './simulated-azure.ts';

const VAULT = 'kv-storage';
const VAULT_AT = `Microsoft.KeyVault/vaults/${VAULT}`;
const MINUTE = 60;
const DAY = 86_400;
const kidOf = (version: string): string => `https://${VAULT}.vault.azure.net/keys/kek/${version}`;

let azure: SimulatedAzure;
let cluster: Cluster;
let version: string;

beforeEach(async () => {
  azure = await openSimulatedAzure();
  cluster = await provide(azure, 'logs');
  const { principalId } = cluster.identity;
  version = await provideKey(azure, { vault: VAULT, principalId, purgeProtection: true });
});

afterEach(async () => {
  await azure.close();
});

async function bind(keyVersion = version): Promise<void> {
  await azure.ask('PATCH', clusterAt('logs'), keyBody(VAULT, keyVersion));
  await azure.advance(2 * MINUTE);
}

async function state(): Promise<StorageState> {
  const found = await azure.look((tx) => storageState(tx, cluster.id));
  if (!found) throw new Error('the cluster has no storage');
  return found;
}

async function onKeys(method: string, path: string, body?: object): Promise<string> {
  const url = `https://${VAULT}.vault.azure.net/keys/kek${path}`;
  const reply = await azure.ask(method, url, { apiVersion: '7.5', body });
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
  return (reply.body as { key?: { kid: string } }).key?.kid.split('/').at(-1) ?? '';
}

async function enable(which: string, enabled: boolean): Promise<void> {
  await onKeys('PATCH', `/${which}`, { attributes: { enabled } });
}

async function change(properties: object): Promise<void> {
  await azure.ask('PATCH', VAULT_AT, { apiVersion: '2023-07-01', body: { properties } });
}

async function takeGrant(): Promise<void> {
  const { principalId: objectId, tenantId } = cluster.identity;
  const accessPolicies = [{ tenantId, objectId, permissions: {} }];
  await azure.ask('PUT', `${VAULT_AT}/accessPolicies/remove`, {
    apiVersion: '2023-07-01',
    body: { properties: { accessPolicies } },
  });
}

async function refusalOf(keyVersion = version): Promise<string | undefined> {
  const choice = {
    keyVaultUri: `https://${VAULT}.vault.azure.net:443`,
    keyName: 'kek',
    keyVersion,
  };
  return await azure.look((tx) => {
    try {
      validateKey(tx, cluster.id, choice);
      return undefined;
    } catch (error) {
      if (error instanceof AzureFault) return error.message.split('.')[0];
      throw error;
    }
  });
}

const NOT_VALID = 'Failed to validate key in Key Vault';

describe('a key is checked before it is bound', () => {
  test('a good one passes, with and without a version', async () => {
    expect([await refusalOf(), await refusalOf('')]).toEqual([undefined, undefined]);
  });

  test('without the grant it is not valid', async () => {
    await takeGrant();
    await azure.advance(10);
    expect(await refusalOf()).toBe(NOT_VALID);
  });

  test('without any of the three permissions it is not valid', async () => {
    const { principalId: objectId, tenantId } = cluster.identity;
    const permissionsAre = async (kind: string, keys: string[]): Promise<void> => {
      const accessPolicies = [{ tenantId, objectId, permissions: { keys } }];
      await azure.ask('PUT', `${VAULT_AT}/accessPolicies/${kind}`, {
        apiVersion: '2023-07-01',
        body: { properties: { accessPolicies } },
      });
      await azure.advance(10);
    };
    for (const word of ['get', 'wrapKey', 'unwrapKey']) {
      await permissionsAre('remove', [word]);
      expect(await refusalOf()).toBe(NOT_VALID);
      await permissionsAre('add', [word]);
      expect(await refusalOf()).toBeUndefined();
    }
  });

  test('a vault of another tenant is not valid', async () => {
    await change({ tenantId: '11111111-2222-4333-8444-555555555555' });
    expect(await refusalOf()).toBe(NOT_VALID);
  });

  test('a version that is unknown, disabled or expired is not valid', async () => {
    expect(await refusalOf('0'.repeat(32))).toBe(NOT_VALID);
    await enable(version, false);
    expect(await refusalOf()).toBe(NOT_VALID);
    const exp = await azure.look((tx) => Math.floor(tx.now / 1000) - 1);
    await onKeys('PATCH', `/${version}`, { attributes: { enabled: true, exp } });
    expect(await refusalOf()).toBe(NOT_VALID);
  });

  test('a vault closed to trusted services is not reached, one with the bypass is', async () => {
    await change({ networkAcls: { defaultAction: 'Deny', bypass: 'None' } });
    expect(await refusalOf()).toBe(NOT_VALID);
    await change({ networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } });
    expect(await refusalOf()).toBeUndefined();
  });

  test('only a key that is valid is told not to be recoverable', async () => {
    const { principalId } = cluster.identity;
    const other = 'kv-weak';
    const weak = await provideKey(azure, { vault: other, principalId, purgeProtection: false });
    const reply = await azure.ask('PATCH', clusterAt('logs'), keyBody(other, weak));
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^Key is not recoverable\./u) } },
    });
  });
});

test('before a key is bound Microsoft keys protect every account', async () => {
  const { access, accounts, unwrapsNow } = await state();
  expect([access, unwrapsNow]).toEqual(['mmk', false]);
  expect(accounts.map(({ wrappedBy }) => wrappedBy)).toEqual(['MMK', 'MMK']);
});

test('once bound, every account unwraps with that version, and the audit log shows the cluster', async () => {
  await bind();
  const { access, accounts, unwrapsNow } = await state();
  expect([access, unwrapsNow]).toEqual(['accessible', true]);
  expect(accounts.map(({ wrappedBy }) => wrappedBy)).toEqual([kidOf(version), kidOf(version)]);
  const log = await azure.look((tx) => readAudit(tx, VAULT));
  const own = log.filter(({ callerObjectId }) => callerObjectId === cluster.identity.principalId);
  expect(new Set(own.map(({ operation }) => operation))).toEqual(
    new Set(['KeyGet', 'KeyWrap', 'KeyUnwrap']),
  );
});

describe('a revocation', () => {
  test('takes effect within the hour, is undone within thirty minutes, and the gap is measured', async () => {
    await bind();
    await enable(version, false);
    expect(await state()).toMatchObject({ access: 'revoking', unwrapsNow: false });
    await azure.advance(10 * MINUTE);
    expect((await state()).access).toBe('revoked');
    await azure.advance(60 * MINUTE);
    await enable(version, true);
    expect(await state()).toMatchObject({ access: 'restoring', unwrapsNow: true });
    await azure.advance(10 * MINUTE);
    expect(await state()).toMatchObject({ access: 'accessible', outageSeconds: 70 * MINUTE });
  });

  test('leaves the other layer: what is encrypted twice stays so whatever happens to the key', async () => {
    await bind();
    await enable(version, false);
    await azure.advance(60 * MINUTE);
    const { body } = await azure.ask('GET', clusterAt('logs'));
    expect(body).toMatchObject({ properties: { isDoubleEncryptionEnabled: true } });
    const without = { isDoubleEncryptionEnabled: false };
    const refused = await azure.ask('PATCH', clusterAt('logs'), { body: { properties: without } });
    expect(refused.status).toBe(400);
  });

  test('undone before it took effect leaves no gap', async () => {
    await bind();
    await enable(version, false);
    await azure.advance(5 * MINUTE);
    await enable(version, true);
    await azure.advance(60 * MINUTE);
    expect(await state()).toMatchObject({ access: 'accessible', outageSeconds: 0 });
  });

  test('by the grant starts when the removal is in force', async () => {
    await bind();
    await takeGrant();
    expect((await state()).access).toBe('accessible');
    await azure.advance(10);
    expect((await state()).access).toBe('revoking');
  });

  test('by deleting the vault ends with its recovery', async () => {
    await bind();
    await azure.ask('DELETE', VAULT_AT, { apiVersion: '2023-07-01' });
    await azure.advance(20 * MINUTE);
    expect((await state()).access).toBe('revoked');
    await azure.ask('PUT', VAULT_AT, {
      apiVersion: '2023-07-01',
      body: { location: 'westeurope', properties: { createMode: 'recover' } },
    });
    await azure.advance(10 + 10 * MINUTE);
    expect((await state()).access).toBe('accessible');
  });

  test('is the same whether fourteen days pass in steps or in one jump', async () => {
    await bind();
    await enable(version, false);
    await azure.advance(14 * DAY);
    const { access, outageSeconds, accounts } = await state();
    expect([access, outageSeconds]).toEqual(['revoked', 14 * DAY - 10 * MINUTE]);
    const now = await azure.look((tx) => tx.now);
    for (const { lastUnwrap } of accounts) {
      expect(lastUnwrap).toMatchObject({ ok: false, kid: kidOf(version) });
      expect(now - Date.parse(lastUnwrap?.at ?? '')).toBeLessThan(60_000);
    }
  });
});

test('an expired version goes on unwrapping', async () => {
  await bind();
  const exp = await azure.look((tx) => Math.floor(tx.now / 1000) + 60);
  await onKeys('PATCH', `/${version}`, { attributes: { exp } });
  await azure.advance(DAY);
  expect(await state()).toMatchObject({ access: 'accessible', unwrapsNow: true });
});

test('a vault that fails is an outage and loses nothing; one that denies is a revocation', async () => {
  await bind();
  const host = `${VAULT}.vault.azure.net`;
  await azure.look((tx) => addFault(tx, { host, action: { kind: 'status', status: 503 } }));
  expect((await state()).access).toBe('outage');
  await azure.advance(3 * 60 * MINUTE);
  expect(await state()).toMatchObject({ access: 'outage', outageSeconds: 0 });
  await azure.look((tx) => removeFaults(tx));
  expect((await state()).access).toBe('accessible');
  await azure.look((tx) => addFault(tx, { host, action: { kind: 'status', status: 403 } }));
  expect((await state()).access).toBe('revoking');
});

describe('a newer version', () => {
  test('is followed within the hour when no version was named', async () => {
    await bind('');
    const newer = await onKeys('POST', '/create', { kty: 'RSA' });
    await azure.advance(59 * MINUTE);
    expect((await state()).accounts[0]?.wrappedBy).toBe(kidOf(version));
    await azure.advance(MINUTE);
    expect((await state()).accounts[0]?.wrappedBy).toBe(kidOf(newer));
    expect(await state()).toMatchObject({ access: 'accessible', unwrapsNow: true });
  });

  test('changes nothing when a version was named, until it is bound', async () => {
    await bind();
    const newer = await onKeys('POST', '/create', { kty: 'RSA' });
    await azure.advance(DAY);
    expect((await state()).accounts[0]?.wrappedBy).toBe(kidOf(version));
    await bind(newer);
    expect(await state()).toMatchObject({ access: 'accessible', unwrapsNow: true });
    expect((await state()).accounts[0]?.wrappedBy).toBe(kidOf(newer));
  });

  test('brings the data back when the old one was disabled too early', async () => {
    await bind();
    const newer = await onKeys('POST', '/create', { kty: 'RSA' });
    await enable(version, false);
    await azure.advance(10 * MINUTE);
    expect((await state()).access).toBe('revoked');
    await bind(newer);
    await azure.advance(10 * MINUTE);
    expect(await state()).toMatchObject({ access: 'accessible', unwrapsNow: true });
  });
});

test('three empty strings bring Microsoft keys back', async () => {
  await bind();
  const cleared = { keyVaultUri: '', keyName: '', keyVersion: '' };
  await azure.ask('PATCH', clusterAt('logs'), {
    body: { properties: { keyVaultProperties: cleared } },
  });
  await azure.advance(2 * MINUTE);
  expect(await state()).toMatchObject({ access: 'mmk', accounts: [{ wrappedBy: 'MMK' }, {}] });
});

test('an identity of None locks the data for good', async () => {
  await bind();
  await azure.ask('PATCH', clusterAt('logs'), { body: { identity: { type: 'None' } } });
  await azure.advance(30 * MINUTE);
  expect((await state()).access).toBe('locked');
});

test('a restart comes back to the same storage', async () => {
  await bind();
  const before = await state();
  const restarted = await openSimulatedAzure({ folder: azure.folder });
  const after = await restarted.look((tx) => storageState(tx, cluster.id));
  await restarted.close();
  expect(after).toEqual(before);
  expect(after?.unwrapsNow).toBe(true);
});
