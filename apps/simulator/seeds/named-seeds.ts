import { estates } from './estates.ts';
import { location, principals, resourceGroups, standardCollection } from './platform.ts';
import type { Seed } from './seed-shape.ts';

/** A platform team's group with three workspaces, and nothing of a cluster yet. */
const standard: Seed = {
  location,
  resourceGroups,
  workspaces: [{ name: 'ws-payments' }, { name: 'ws-trading' }, { name: 'ws-audit' }],
  collection: standardCollection,
  principals,
};

/** The people and the group, without any resource. */
const empty: Seed = { location, resourceGroups, workspaces: [], principals };

/** Forty workspaces: enough for pages and parallel links. */
const fleet: Seed = {
  location,
  resourceGroups,
  workspaces: Array.from({ length: 40 }, (_, index) => ({
    name: `ws-team-${String(index + 1).padStart(2, '0')}`,
  })),
  collection: standardCollection,
  principals,
};

/** A workspace elsewhere, which no cluster of the group may take. */
const regions: Seed = {
  location,
  resourceGroups: [{ name: 'rg-logs' }, { name: 'rg-logs-us', location: 'eastus' }],
  workspaces: [
    { name: 'ws-payments' },
    { name: 'ws-overseas', resourceGroup: 'rg-logs-us', location: 'eastus' },
  ],
  principals,
};

/** The seeds that `--seed` and `POST /seed` know by name. */
export const namedSeeds: Readonly<Record<string, Seed>> = {
  default: standard,
  empty,
  fleet,
  regions,
  ...estates,
};
