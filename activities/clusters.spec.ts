import { describe, expect, it, vi } from 'vitest';

import type { Azure, ClusterFacts } from '#libs/azure/azure.ts';

import {
  accepted,
  answer,
  goodCluster,
  goodVault,
  runAttempt,
  seen,
  standInAzure,
  vaultId,
} from './azure-stand-in.ts';
import { type BindOrder, clusterActivities, type ClusterOrder } from './clusters.ts';

const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'main' };
const url = 'https://management.azure.com/operation';
const refusedKey = 'Failed to validate key in Key Vault. Could be due to lack of permissions.';

const keyVersion = {
  kid: 'kid',
  version: 'a1',
  enabled: true,
  createdAt: '2026-01-01T00:00:00Z',
  tags: {},
  recoverable: true,
};
const key = { vaultUri: 'https://KV.vault.azure.net:443/', name: 'CMK', version: 'A1' };

const order: ClusterOrder = {
  cluster,
  region: 'westeurope',
  capacityGbPerDay: 500,
  billingType: 'Cluster',
  identity: { type: 'SystemAssigned' },
  doubleEncryption: true,
  tags: { team: 'a' },
};
const bindOrder: BindOrder = {
  cluster,
  vaultUri: 'https://kv.vault.azure.net',
  keyName: 'cmk',
  vaultId,
  keyVersion: 'a1',
  grantSpreadMs: 0,
};

/** The deeds over an Azure that shows a cluster, or none, and takes or refuses writes. */
function deedsOver(shown: ClusterFacts | undefined, refusal?: Error, vault = goodVault) {
  const take = async () => {
    if (refusal !== undefined) throw refusal;
    return await accepted(url);
  };
  const create = vi.fn<Azure['clusters']['create']>(take);
  const bindKey = vi.fn<Azure['clusters']['bindKey']>(take);
  const read = async () => await seen(shown);
  return {
    create,
    bindKey,
    deeds: clusterActivities(
      standInAzure({
        clusters: { read, create, bindKey },
        vaults: { read: async () => await seen(vault) },
        keys: { versions: async () => await seen([keyVersion]) },
      }),
    ),
  };
}

describe('starting a cluster', () => {
  const start = async (over: ReturnType<typeof deedsOver>, wanted = order) =>
    await runAttempt(async () => await over.deeds.startCluster(wanted));

  it('sends the creation and answers the URL to follow', async () => {
    const over = deedsOver(undefined);
    await expect(start(over)).resolves.toEqual({ state: 'running', operationUrl: url });
    expect(over.create).toHaveBeenCalledTimes(1);
  });

  it('never sends a key with the creation', async () => {
    const over = deedsOver(undefined);
    await start(over, { ...order, key: { name: 'cmk' } } as ClusterOrder);
    expect(over.create.mock.calls[0]?.[1]).toEqual({
      region: 'westeurope',
      capacityGbPerDay: 500,
      billingType: 'Cluster',
      tags: { team: 'a' },
    });
  });

  it('says no to double encryption only when asked to', async () => {
    const over = deedsOver(undefined);
    await start(over, { ...order, doubleEncryption: false });
    expect(over.create.mock.calls[0]?.[1]).toMatchObject({ doubleEncryption: false });
  });

  it.each([
    ['Succeeded', 'done'],
    ['Failed', 'done'],
    ['Canceled', 'done'],
    ['ProvisioningAccount', 'running'],
    ['Updating', 'running'],
  ])('adopts a cluster that is there and %s as %s', async (provisioningState, state) => {
    const over = deedsOver({ ...goodCluster, provisioningState });
    await expect(start(over)).resolves.toEqual({ state });
    expect(over.create).not.toHaveBeenCalled();
  });

  it('finds the name reserved when Azure answers a conflict', async () => {
    const over = deedsOver(undefined, answer(409, 'The name is in use'));
    await expect(start(over)).resolves.toEqual({ state: 'name-reserved' });
  });

  it('waits when the conflict is that Azure is busy', async () => {
    const words = 'Cannot delete a cluster while in provisioning state.';
    await expect(start(deedsOver(undefined, answer(409, words)))).rejects.toMatchObject({
      type: 'Busy',
    });
  });

  it('ends when a rule refuses the creation', async () => {
    const words = "westeurope doesn't support Double Encryption for clusters.";
    await expect(start(deedsOver(undefined, answer(400, words)))).rejects.toMatchObject({
      type: 'RefusedByRule',
      nonRetryable: true,
    });
  });
});

describe('settling a cluster', () => {
  const settle = async (shown: ClusterFacts | undefined) =>
    await runAttempt(async () => await deedsOver(shown).deeds.settleCluster(cluster));
  const { principalId: _, ...nameless } = goodCluster;

  it('is done when the resource has succeeded and has its identity', async () => {
    await expect(settle(goodCluster)).resolves.toEqual({
      state: 'done',
      seen: 'provisioning state Succeeded',
      principalId: 'principal',
      requestId: 'request-1',
    });
  });

  it.each([
    ['goes on while it is made', { ...goodCluster, provisioningState: 'Creating' }, 'running'],
    ['is wrong when it failed', { ...goodCluster, provisioningState: 'Failed' }, 'wrong'],
    ['is wrong without an identity', nameless, 'wrong'],
    ['is wrong when it is not there', undefined, 'wrong'],
  ])('%s', async (_, shown, state) => {
    await expect(settle(shown)).resolves.toMatchObject({ state, requestId: 'request-1' });
  });
});

describe('starting to bind', () => {
  const start = async (
    over: ReturnType<typeof deedsOver>,
    { attempt = 1, ...change }: Partial<BindOrder> & { attempt?: number } = {},
  ) =>
    await runAttempt(async () => await over.deeds.startBind({ ...bindOrder, ...change }), {
      attempt,
    });

  it('sends the key and answers the URL to follow', async () => {
    const over = deedsOver(goodCluster);
    await expect(start(over)).resolves.toEqual({ state: 'running', operationUrl: url });
    expect(over.bindKey.mock.calls[0]?.[1]).toMatchObject({ keyName: 'cmk', keyVersion: 'a1' });
  });

  it('is done when the key is shown already, however it is written', async () => {
    const over = deedsOver({ ...goodCluster, key });
    await expect(start(over)).resolves.toEqual({ state: 'done' });
    expect(over.bindKey).not.toHaveBeenCalled();
  });

  it('is done when the latest is followed already', async () => {
    const over = deedsOver({ ...goodCluster, key: { ...key, version: '' } });
    await expect(start(over, { keyVersion: '' })).resolves.toEqual({ state: 'done' });
    expect(over.bindKey).not.toHaveBeenCalled();
  });

  it('has a cluster that shows a version follow the latest', async () => {
    const over = deedsOver({ ...goodCluster, key });
    await expect(start(over, { keyVersion: '' })).resolves.toMatchObject({ state: 'running' });
  });

  it.each([
    ['version', { ...key, version: 'b2' }],
    ['name', { ...key, name: 'other' }],
    ['vault', { ...key, vaultUri: 'https://other.vault.azure.net' }],
  ])('sends when the cluster shows another %s', async (_, shown) => {
    const over = deedsOver({ ...goodCluster, key: shown });
    await start(over);
    expect(over.bindKey).toHaveBeenCalledTimes(1);
  });

  it('sends nothing while the cluster is on its way', async () => {
    const over = deedsOver({ ...goodCluster, key, provisioningState: 'Updating' });
    await expect(start(over)).resolves.toEqual({ state: 'running' });
    expect(over.bindKey).not.toHaveBeenCalled();
  });

  it('ends when the cluster is gone', async () => {
    await expect(start(deedsOver(undefined))).rejects.toMatchObject({
      type: 'NotAsExpected',
      nonRetryable: true,
    });
  });

  it.each([1, 12])(
    'tries a refused key again while a fresh grant spreads (%i)',
    async (attempt) => {
      const over = deedsOver(goodCluster, answer(400, refusedKey));
      await expect(start(over, { grantSpreadMs: 120_000, attempt })).rejects.toMatchObject({
        type: 'GrantSpreading',
        nonRetryable: false,
        nextRetryDelay: 10_000,
      });
    },
  );

  it.each([
    ['two minutes after a fresh grant', { grantSpreadMs: 120_000, attempt: 13 }],
    ['at once with an old grant', { grantSpreadMs: 0 }],
  ])('believes a refused key %s', async (_, change) => {
    const over = deedsOver(goodCluster, answer(400, refusedKey));
    await expect(start(over, change)).rejects.toMatchObject({
      type: 'NotAsExpected',
      nonRetryable: true,
      details: [{ code: 'missing_permission', rule: 'R112', target: vaultId }],
    });
  });

  it('says what Azure said when nothing that can be read explains it', async () => {
    const accessPolicies = [
      { objectId: 'principal', keyPermissions: ['get', 'wrapKey', 'unwrapKey'] },
    ];
    const over = deedsOver(goodCluster, answer(400, refusedKey), { ...goodVault, accessPolicies });
    await expect(start(over)).rejects.toMatchObject({
      type: 'NotAsExpected',
      details: [{ code: 'key_unusable', rule: 'R112' }],
    });
  });

  it('leaves other refusals to the judge', async () => {
    const over = deedsOver(goodCluster, answer(400, 'Key is not recoverable.'));
    await expect(start(over, { grantSpreadMs: 120_000 })).rejects.toMatchObject({
      details: [{ code: 'key_not_recoverable' }],
    });
  });
});

describe('settling a bind', () => {
  const settle = async (shown: ClusterFacts | undefined) =>
    await runAttempt(async () => await deedsOver(shown).deeds.settleBind(bindOrder));

  it.each([
    ['is done when the cluster shows the key', { ...goodCluster, key }, 'done'],
    [
      'goes on while the cluster moves',
      { ...goodCluster, key, provisioningState: 'Updating' },
      'running',
    ],
    ['is wrong without a key', goodCluster, 'wrong'],
    [
      'is wrong with the key of before',
      { ...goodCluster, key: { ...key, version: 'b2' } },
      'wrong',
    ],
    ['is wrong when the cluster is not there', undefined, 'wrong'],
  ])('%s', async (_, shown, state) => {
    await expect(settle(shown)).resolves.toMatchObject({ state });
  });

  it('says why it is wrong, as far as it shows', async () => {
    await expect(settle(goodCluster)).resolves.toMatchObject({
      finding: { code: 'missing_permission', rule: 'R112' },
    });
  });

  it('says what the cluster shows', async () => {
    await expect(settle({ ...goodCluster, key })).resolves.toMatchObject({
      seen: 'provisioning state Succeeded, key CMK A1',
    });
  });
});
