/** What a seed puts into the tenant, beside what stands there already. */
export interface Seed {
  /** Region of everything that names none. */
  readonly location: string;
  /** The first one is told in the ready line. */
  readonly resourceGroups: readonly { readonly name: string; readonly location?: string }[];
  readonly workspaces: readonly {
    readonly name: string;
    readonly resourceGroup?: string;
    readonly location?: string;
  }[];
  /** An endpoint with a rule that sends a stream to the seed's first workspaces; absent, there is none. */
  readonly collection?: SeedCollection;
  readonly principals: readonly {
    readonly name: string;
    /** Values of the roles claim for audiences that start with `api://`. */
    readonly roles?: readonly string[];
    /** Built-in roles on the subscription. */
    readonly azureRoles?: readonly string[];
  }[];
}

/** How records get into workspaces; the publishers may send them. */
export interface SeedCollection {
  readonly endpoint: string;
  readonly rule: string;
  readonly table: string;
  /** Names of principals. */
  readonly publishers: readonly string[];
  /** Of the table, beside TimeGenerated; all text. */
  readonly columns: readonly string[];
}

const principals: Seed['principals'] = [
  { name: 'reader', roles: ['reader'] },
  { name: 'operator', roles: ['operator'] },
  { name: 'approver', roles: ['approver'] },
  { name: 'second-approver', roles: ['approver'] },
  { name: 'admin', roles: ['admin'] },
  { name: 'keyturn', azureRoles: ['Contributor', 'User Access Administrator'] },
  { name: 'owner', azureRoles: ['Owner'] },
];

const location = 'westeurope';
const resourceGroups = [{ name: 'rg-logs' }];

/** What Keyturn's probes are sent through. */
const collection: SeedCollection = {
  endpoint: 'dce-probes',
  rule: 'dcr-probes',
  table: 'KeyturnProbe_CL',
  publishers: ['keyturn'],
  columns: ['Marker'],
};

/** A platform team's group with three workspaces, and nothing of a cluster yet. */
const standard: Seed = {
  location,
  resourceGroups,
  workspaces: [{ name: 'ws-payments' }, { name: 'ws-trading' }, { name: 'ws-audit' }],
  collection,
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
  collection,
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
};
