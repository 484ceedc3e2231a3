import { expect, it } from 'vitest';

import { unknownCluster, type Cluster } from './cluster.ts';
import { followingRequest, versionToFollow } from './following.ts';
import type { InspectedKey } from './inspection.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const [used, newer] = ['a'.repeat(32), 'b'.repeat(32)];
const at = (version: string) => `https://kv.vault.azure.net/keys/cmk/${version}`;
const known: Cluster = {
  ...unknownCluster('/cluster'),
  state: 'protected',
  onNewVersion: 'bind',
  key: { kid: at(used), mode: 'explicit', boundAt: '2026-02-01T00:00:00.500Z' },
};
const version = (name: string, createdAt: string, change: object = {}) => ({
  kid: at(name),
  version: name,
  enabled: true,
  createdAt,
  ...change,
});
const appeared = version(newer, '2026-02-02T00:00:00Z');
const key: InspectedKey = {
  vaultUri: 'https://KV.vault.azure.net:443/',
  name: 'cmk',
  version: used,
  versions: [version(used, '2026-01-01T00:00:00Z'), appeared],
  excess: [],
};
const follow = (cluster: Partial<Cluster>, change: Partial<InspectedKey> = {}) =>
  versionToFollow({ ...known, ...cluster }, { key: { ...key, ...change } }, now);

it('follows the version that appeared since the one in use was bound', () => {
  expect(follow({})).toBe(newer);
  const inThatSecond = version(newer, '2026-02-01T00:00:00Z');
  expect(follow({}, { versions: [inThatSecond] })).toBe(newer);
});

it('follows it in automatic mode too: the cluster takes it up, and that is to be proven', () => {
  const bound = { kid: at(used), mode: 'automatic', boundAt: '2026-02-01T00:00:00Z' } as const;
  expect(follow({ key: bound }, { version: '' })).toBe(newer);
});

it.each<[string, Partial<Cluster>]>([
  ['nobody said so', { onNewVersion: 'report' }],
  ['access is revoked', { state: 'revoked' }],
  ['a rotation is on its way', { operations: [{ id: 'o', kind: 'rotate' }] }],
  ['it is the one in use', { key: { kid: at(newer), mode: 'explicit', boundAt: '' } }],
  [
    'it was passed over when an older one was bound',
    { key: { kid: at(used), mode: 'explicit', boundAt: '2026-02-03T00:00:00Z' } },
  ],
  [
    'the cluster is not known to use that key',
    {
      key: {
        kid: 'https://kv.vault.azure.net/keys/other/1',
        mode: 'explicit',
        boundAt: '2026-01-01T00:00:00Z',
      },
    },
  ],
])('does not follow where %s', (_, cluster) => {
  expect(follow(cluster)).toBeUndefined();
});

it.each([
  ['disabled', { enabled: false }],
  ['expired', { expiresAt: '2026-02-15T00:00:00Z' }],
  ['not active yet', { notBefore: '2026-04-01T00:00:00Z' }],
])('does not follow a version that is %s', (_, change) => {
  expect(follow({}, { versions: [{ ...appeared, ...change }] })).toBeUndefined();
});

it('lets another operation wait that leaves the key alone', () => {
  expect(follow({ operations: [{ id: 'o', kind: 'retire-version' }] })).toBe(newer);
});

it('asks for a rotation that leaves the mode as it is and retires nothing', () => {
  const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'c' };
  expect(followingRequest(cluster, known, newer.toUpperCase())).toEqual({
    cluster,
    planOnly: false,
    to: newer,
    mode: 'explicit',
    soakMs: 86_400_000,
  });
});
