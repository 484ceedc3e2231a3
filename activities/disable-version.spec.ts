import { describe, expect, it, vi } from 'vitest';

import type { Azure, ClusterFacts, KeyVersionFacts } from '#libs/azure/azure.ts';

import { answer, runAttempt, seen, standInAzure, vaultId } from './azure-stand-in.ts';
import { disableVersionActivities } from './disable-version.ts';
import { retiredTag } from './version-tags.ts';

const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
const vaultUri = 'https://kv.vault.azure.net';
const order = { vaultId, keyName: 'cmk', version: one, operationId: 'op', subscriptionId: 's' };

const cluster = (version: string, provisioningState = 'Succeeded'): ClusterFacts => ({
  id: '/cluster',
  region: 'westeurope',
  provisioningState,
  identityType: 'SystemAssigned',
  key: { vaultUri: `${vaultUri}:443/`, name: 'CMK', version },
  workspaces: [],
});

/** A vault with two versions of a key, and clusters as each look at them shows. */
function deedOver(...looks: readonly (readonly ClusterFacts[])[]) {
  const versions = [one, two].map((version): KeyVersionFacts => ({
    kid: `${vaultUri}/keys/cmk/${version}`,
    version,
    enabled: true,
    createdAt: '2026-01-01T00:00:00Z',
    tags: { owner: 'payments' },
    recoverable: true,
  }));
  const change = vi.fn<Azure['keys']['change']>(async ({ version }, { enabled, tags = {} }) => {
    const changed = versions.find((each) => each.version === version);
    if (changed !== undefined) Object.assign(changed, { enabled, tags });
    return await seen(undefined);
  });
  const left = [...looks];
  const list = vi.fn<Azure['clusters']['list']>(
    async () => await seen([...((left.length > 1 ? left.shift() : left[0]) ?? [])]),
  );
  const azure = standInAzure({
    keys: { versions: async () => await seen([...versions]), change },
    clusters: { list },
    subscriptions: { list: async () => await seen(['S']) },
  });
  const deeds = disableVersionActivities(azure);
  return {
    versions,
    change,
    list,
    disable: () => runAttempt(() => deeds.disableKeyVersion(order)),
  };
}

it('disables a version that no cluster is on, marks it as retired, and reads it back', async () => {
  const { disable, versions, change } = deedOver([cluster(two)]);
  await expect(disable()).resolves.toEqual({
    kid: `${vaultUri}/keys/cmk/${one}`,
    changed: true,
    others: 1,
    requestId: 'request-1',
  });
  expect(change).toHaveBeenCalledOnce();
  expect(versions[0]).toMatchObject({
    enabled: false,
    tags: { owner: 'payments', [retiredTag]: 'op' },
  });
});

it('knows what an attempt before it has done', async () => {
  const { disable, versions, change } = deedOver([]);
  Object.assign(versions[0] ?? {}, { enabled: false, tags: { [retiredTag]: 'op' } });
  await expect(disable()).resolves.toMatchObject({ changed: true });
  expect(change).not.toHaveBeenCalled();
});

it('leaves what somebody else has disabled', async () => {
  const { disable, versions, change } = deedOver([]);
  Object.assign(versions[0] ?? {}, { enabled: false });
  await expect(disable()).resolves.toMatchObject({ changed: false });
  expect(change).not.toHaveBeenCalled();
});

describe('what keeps it from disabling', () => {
  it.each([
    ['a cluster on the version', [cluster(one)], 'RefusedByRule'],
    ['a cluster that is being changed', [cluster(two, 'Updating')], 'Busy'],
  ])('is %s', async (_, clusters, type) => {
    const { disable, change } = deedOver(clusters);
    await expect(disable()).rejects.toMatchObject({ type });
    expect(change).not.toHaveBeenCalled();
  });

  it('is no cluster that is only being made', async () => {
    const { key: _, ...keyless } = cluster(two, 'ProvisioningAccount');
    await expect(deedOver([keyless]).disable()).resolves.toMatchObject({ changed: true });
  });

  it('is no subscription that may not be read', async () => {
    const { disable, list } = deedOver([]);
    list.mockRejectedValue(answer(403));
    await expect(disable()).resolves.toMatchObject({ changed: true, others: 0 });
  });
});

it('looks again, and gives nothing back, when the look after it fails', async () => {
  const { disable, list, change } = deedOver([]);
  list.mockResolvedValueOnce(await seen([])).mockRejectedValueOnce(answer(503));
  await expect(disable()).rejects.toMatchObject({ type: 'Transient' });
  await expect(disable()).resolves.toMatchObject({ changed: true });
  expect(change).toHaveBeenCalledOnce();
});

it('gives a version back at once that a cluster has taken up in between', async () => {
  const { disable, versions, change } = deedOver([cluster(two)], [cluster(one)]);
  await expect(disable()).rejects.toMatchObject({
    type: 'RefusedByRule',
    details: [{ code: 'version_in_use' }],
  });
  expect(change.mock.calls.map(([, { enabled }]) => enabled)).toEqual([false, true]);
  expect(versions[0]).toMatchObject({ enabled: true, tags: { owner: 'payments' } });
});
