import { describe, expect, it, vi } from 'vitest';

import type { Azure } from '#libs/azure/azure.ts';
import { unknownCluster, type Cluster } from '#libs/domain/cluster.ts';

import {
  answer,
  azureError,
  goodVault,
  runAttempt,
  seen,
  standInAzure,
  type AzureParts,
} from './azure-stand-in.ts';
import { inspectAllActivities, type Fleet } from './inspect-all.ts';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/${name}`;
const facts = (name: string) => ({
  id: idOf(name),
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  workspaces: [],
});

/** A round over clusters of those names: what Azure shows of each, or how it fails. */
async function round(
  shown: Readonly<Record<string, object | Error | undefined>>,
  { next, card = {}, ...parts }: { next?: string; card?: Partial<Cluster> } & AzureParts = {},
) {
  const order = vi.fn<Fleet['order']>(async () => await Promise.resolve(true));
  const read = vi.fn<Azure['clusters']['read']>(async ({ name }) => {
    const found = shown[name];
    if (found instanceof Error) throw found;
    return await seen(found as never);
  });
  const tell = vi.fn<Fleet['tell']>(async () => {});
  const known = (name: string): Cluster => ({
    ...unknownCluster(idOf(name)),
    seq: 4,
    ...card,
  });
  const fleet: Fleet = {
    list: async () =>
      await Promise.resolve({ entities: Object.keys(shown), ...(next && { next }) }),
    read: async (entity) => await Promise.resolve(entity === 'ended' ? undefined : known(entity)),
    tell,
    order,
  };
  const deeds = inspectAllActivities(standInAzure({ clusters: { read }, ...parts }), fleet);
  const { news = [], ...result } = await runAttempt(async () => await deeds.inspectPage({}));
  // Nobody is told before it is kept.
  expect(tell).not.toHaveBeenCalled();
  await runAttempt(async () => await deeds.tellNews(news));
  return { result, tell, order };
}

it('tells each entity what is new of its cluster, as far as it knew before', async () => {
  const { result, tell } = await round({ one: facts('one'), two: undefined }, { next: 'page-2' });
  expect(result).toEqual({ inspected: 2, changed: 2, followed: 0, unread: 0, next: 'page-2' });
  const told = tell.mock.calls.map(
    ([entity, [event], basedOn]) => `${entity}: ${event?.type} after ${basedOn}`,
  );
  // They are read at the same time.
  expect(new Set(told)).toEqual(
    new Set(['one: ClusterSeen after 4', 'two: FindingRaised after 4']),
  );
});

it('goes on with the others where one cannot be read, and says of that one nothing', async () => {
  const failures = { one: answer(503), two: answer(403), three: azureError({ kind: 'timeout' }) };
  const { result, tell } = await round({ ...failures, four: facts('four'), ended: undefined });
  expect(result).toEqual({ inspected: 1, changed: 1, followed: 0, unread: 3 });
  expect(tell).toHaveBeenCalledOnce();
});

describe('a version that appeared in the vault', () => {
  const [used, newer] = ['a'.repeat(32), 'b'.repeat(32)];
  const at = 'https://kv.vault.azure.net/keys/cmk';
  const versionAt = (version: string, createdAt: string) => ({
    kid: `${at}/${version}`,
    version,
    enabled: true,
    createdAt,
    keyType: 'RSA',
    sizeBits: 3072,
    operations: ['wrapKey', 'unwrapKey'],
    tags: {},
  });
  const key = { vaultUri: 'https://kv.vault.azure.net', name: 'cmk', version: used };
  const versions = [
    versionAt(used, '2026-01-01T00:00:00.000Z'),
    versionAt(newer, '2026-02-01T00:00:00.000Z'),
  ];
  const card: Partial<Cluster> = {
    state: 'protected',
    onNewVersion: 'bind',
    key: { kid: `${at}/${used}`, mode: 'explicit', boundAt: '2026-01-15T00:00:00Z' },
  };
  const parts = {
    vaults: {
      find: async () => await seen(goodVault),
      read: async () => await seen(goodVault),
    },
    keys: {
      versions: async () => await seen(versions as never),
      read: async () => await seen(versions.at(0) as never),
    },
  };
  const shown = { one: { ...facts('one'), key } };

  it('is ordered to be bound, under the same ids however often it is seen', async () => {
    const first = await round(shown, { card, ...parts });
    expect(first.result).toEqual({ inspected: 1, changed: 0, followed: 1, unread: 0 });
    expect(first.tell).not.toHaveBeenCalled();
    const again = await round(shown, { card, ...parts });
    expect(again.order.mock.calls).toEqual(first.order.mock.calls);
    expect(first.order.mock.calls[0]?.[1]).toMatchObject({
      kind: 'rotate',
      request: { to: newer, mode: 'explicit' },
      requestedBy: { objectId: 'keyturn' },
    });
  });

  it('is only a finding where the policy does not say otherwise', async () => {
    const { result, tell } = await round(shown, {
      card: { ...card, onNewVersion: 'report' },
      ...parts,
    });
    expect(result).toMatchObject({ changed: 1, followed: 0 });
    expect(tell.mock.calls[0]?.[1][0]).toMatchObject({
      data: {
        findings: {
          top: expect.arrayContaining([expect.objectContaining({ code: 'version_behind' })]),
        },
      },
    });
  });
});
