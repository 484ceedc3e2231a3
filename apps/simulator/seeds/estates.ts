import { location, principals, resourceGroups, standardCollection } from './platform.ts';
import type { Seed, SeedWorkspace } from './seed-shape.ts';

/** A group with three workspaces, before clusters and vaults are put into it. */
const base = {
  location,
  resourceGroups,
  workspaces: [{ name: 'ws-payments' }, { name: 'ws-trading' }, { name: 'ws-audit' }],
  collection: standardCollection,
  principals,
} satisfies Seed;

const ONE_VERSION = [{ ageDays: 120 }];
const kvLogs = { name: 'kv-logs', keys: [{ name: 'key-logs', versions: ONE_VERSION }] };
const boundToLogs = { vault: 'kv-logs', name: 'key-logs', version: 1 };

/** Forty workspaces, numbered, so that clusters can take their share. */
const teams: readonly SeedWorkspace[] = Array.from({ length: 40 }, (_, index) => ({
  name: `ws-team-${String(index + 1).padStart(2, '0')}`,
  ...(index >= 36 && { resourceGroup: 'rg-logs-north' }),
}));
const teamNames = teams.map(({ name }) => name);

/** An estate that others have made, in two regions: each cluster but the first has one thing wrong. */
const brownfield: Seed = {
  ...base,
  resourceGroups: [...resourceGroups, { name: 'rg-logs-north', location: 'northeurope' }],
  workspaces: teams,
  identities: ['id-audit'],
  vaults: [
    {
      name: 'kv-payments',
      model: 'roles',
      keys: [{ name: 'key-payments', versions: [{ ageDays: 400 }, { ageDays: 100 }] }],
    },
    {
      name: 'kv-trading',
      keys: [{ name: 'key-trading', versions: [{ ageDays: 400 }, { ageDays: 10 }] }],
    },
    {
      name: 'kv-audit',
      purgeProtection: false,
      keys: [{ name: 'key-audit', versions: ONE_VERSION }],
    },
    {
      name: 'kv-research',
      resourceGroup: 'rg-logs-north',
      model: 'roles',
      keys: [{ name: 'key-research', versions: ONE_VERSION }],
    },
    { name: 'kv-abroad', keys: [{ name: 'key-abroad', versions: ONE_VERSION }] },
  ],
  clusters: [
    {
      name: 'CLU-Payments',
      key: { vault: 'kv-payments', name: 'key-payments' },
      workspaces: teamNames.slice(0, 20),
      oddlySpelled: true,
    },
    {
      name: 'clu-trading',
      key: { vault: 'kv-trading', name: 'key-trading', version: 1 },
      workspaces: teamNames.slice(20, 30),
    },
    {
      name: 'clu-audit',
      identity: 'id-audit',
      key: { vault: 'kv-audit', name: 'key-audit', version: 1 },
      workspaces: teamNames.slice(30, 35),
    },
    { name: 'clu-unbound', ageDays: 10, workspaces: teamNames.slice(35, 36) },
    {
      name: 'clu-research',
      resourceGroup: 'rg-logs-north',
      key: { vault: 'kv-research', name: 'key-research', version: 1 },
      grantRemoved: true,
      workspaces: teamNames.slice(36, 38),
    },
    {
      name: 'clu-abroad',
      resourceGroup: 'rg-logs-north',
      key: { vault: 'kv-abroad', name: 'key-abroad' },
      workspaces: teamNames.slice(38, 39),
    },
  ],
};

const oneCluster = { name: 'clu-logs', key: boundToLogs, workspaces: ['ws-payments'] };

/** Seeds with clusters, keys and links, each for one situation. */
export const estates: Readonly<Record<string, Seed>> = {
  brownfield,
  /** The key is thirteen months old and expires in twenty days. */
  'rotation-due': {
    ...base,
    vaults: [
      {
        name: 'kv-logs',
        keys: [{ name: 'key-logs', versions: [{ ageDays: 400, expiresInDays: 20 }] }],
      },
    ],
    clusters: [oneCluster],
  },
  /** The one version was disabled: the data is out of reach. */
  revoked: {
    ...base,
    vaults: [
      {
        name: 'kv-logs',
        keys: [{ name: 'key-logs', versions: [{ ageDays: 120, disabled: true }] }],
      },
    ],
    clusters: [{ ...oneCluster, workspaces: ['ws-payments', 'ws-trading', 'ws-audit'] }],
  },
  /** The key was deleted: the data is out of reach and the key's name is held. */
  'soft-deleted-key': {
    ...base,
    vaults: [
      {
        name: 'kv-logs',
        keys: [{ name: 'key-logs', versions: ONE_VERSION, deleted: true }],
      },
    ],
    clusters: [oneCluster],
  },
  /** A vault that nobody may bind a cluster to as it is. */
  'no-purge-protection': {
    ...base,
    vaults: [{ ...kvLogs, purgeProtection: false }],
    clusters: [{ name: 'clu-logs' }],
  },
  /** A vault and a workspace in another region than the group's. */
  'cross-region': {
    ...base,
    resourceGroups: [...resourceGroups, { name: 'rg-logs-us', location: 'eastus' }],
    workspaces: [...base.workspaces, { name: 'ws-overseas', resourceGroup: 'rg-logs-us' }],
    vaults: [
      {
        name: 'kv-overseas',
        resourceGroup: 'rg-logs-us',
        keys: [{ name: 'key-logs', versions: ONE_VERSION }],
      },
    ],
    clusters: [{ name: 'clu-logs' }],
  },
  /** A workspace that was linked and unlinked twice this month. */
  'link-budget-spent': {
    ...base,
    workspaces: [
      { name: 'ws-payments', spentLinks: [20, 10] },
      { name: 'ws-trading' },
      { name: 'ws-audit' },
    ],
    vaults: [kvLogs],
    clusters: [{ ...oneCluster, workspaces: ['ws-trading'] }],
  },
  'two-clusters-on-one-key': {
    ...base,
    vaults: [kvLogs],
    clusters: [oneCluster, { name: 'clu-audit', key: boundToLogs, workspaces: ['ws-audit'] }],
  },
};
