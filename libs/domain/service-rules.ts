/**
 * The limits of the Azure service as dated data: the service changed them at least three times (R167).
 * No other file of the product holds such a number. Sources: the customer-managed-key and dedicated-cluster
 * articles of July 2021 and of April 2026.
 */
export interface ServiceRules {
  readonly name: RulePackName;
  /** Commitment tiers in GB/day (R6). */
  readonly capacityTiersGbPerDay: readonly number[];
  /** Whether a tier outside the list is refused; newer packs only warn, since lists lag the service (R167). */
  readonly refusesUnknownTier: boolean;
  /** Active clusters per region and subscription (R42). */
  readonly activeClustersPerRegion: number;
  /** Active and deleted-within-14-days clusters per region and subscription (R42). */
  readonly reservedClustersPerRegion: number;
  /** Days during which a raised or fresh commitment cannot be lowered (R61, C9). */
  readonly capacityLockDays: number;
  /** Days a deleted cluster's name stays reserved (R43). */
  readonly nameReservationDays: number;
  /** Workspaces per cluster (R70). */
  readonly workspacesPerCluster: number;
  /** Link operations per workspace in `linkBudgetDays` (R71). */
  readonly linksPerWorkspace: number;
  readonly linkBudgetDays: number;
  /** RSA sizes that may wrap a cluster's storage key (R29). */
  readonly rsaKeyBits: readonly number[];
  /** Whether a cluster may be made with a user-assigned identity (C8). */
  readonly userAssignedAtCreation: boolean;
  /** Cluster names (C1): the pattern that every version of the service accepts. */
  readonly clusterName: {
    readonly pattern: string;
    readonly minimum: number;
    readonly maximum: number;
  };
}

export type RulePackName = 'current' | '2021';

const clusterName = { pattern: '^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$', minimum: 4, maximum: 63 };

const july2021: ServiceRules = {
  name: '2021',
  capacityTiersGbPerDay: [500, 1000, 2000, 5000],
  refusesUnknownTier: true,
  activeClustersPerRegion: 2,
  reservedClustersPerRegion: 4,
  capacityLockDays: 30,
  nameReservationDays: 14,
  workspacesPerCluster: 1000,
  linksPerWorkspace: 2,
  linkBudgetDays: 30,
  rsaKeyBits: [2048, 3072, 4096],
  userAssignedAtCreation: false,
  clusterName,
};

const current: ServiceRules = {
  ...july2021,
  name: 'current',
  capacityTiersGbPerDay: [100, 200, 300, 400, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000],
  refusesUnknownTier: false,
  activeClustersPerRegion: 5,
  reservedClustersPerRegion: 7,
  capacityLockDays: 31,
  userAssignedAtCreation: true,
};

/** The rule packs by name. */
export const rulePacks: Readonly<Record<RulePackName, ServiceRules>> = {
  '2021': july2021,
  current,
};

/** Permissions of a cluster's identity on its key, as access-policy words (R46). */
export const clusterKeyPermissions = ['get', 'wrapKey', 'unwrapKey'] as const;

/** Access-policy words Keyturn itself needs to make, find, rotate, switch and restore keys, in the vault schema's spelling. */
export const ownKeyPermissions = [
  'get',
  'list',
  'create',
  'import',
  'update',
  'recover',
  'getrotationpolicy',
  'setrotationpolicy',
] as const;

/** Built-in roles by their GUID, the same in every tenant (azure-docs, built-in roles for security). */
export const roles = {
  /** What a cluster's identity needs, where the vault goes by roles (R46). */
  cryptoServiceEncryptionUser: 'e147488a-f6f5-4113-8e2d-b22465e65bf6',
  /** What Keyturn needs there. */
  cryptoOfficer: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
} as const;

/** Built-in roles whose holder may unwrap with the keys of a vault (azure-docs, built-in roles for security). */
export const rolesThatUnwrap: readonly string[] = [
  roles.cryptoServiceEncryptionUser,
  roles.cryptoOfficer,
  // Key Vault Crypto User, Key Vault Administrator.
  '12338af0-0e69-4776-bea7-57ae8d297424',
  '00482a5a-887f-4fb3-b363-3b7fe8e74483',
];

/** Within which a cluster respects that its access was taken away (R82), and is readable again (R87). */
export const revocationLimitMs = 60 * 60_000;
export const recoveryLimitMs = 30 * 60_000;

/** Data actions Keyturn needs in a vault that goes by roles; `ownKeyPermissions` says the same in words. */
export const ownKeyDataActions = [
  'Microsoft.KeyVault/vaults/keys/read',
  'Microsoft.KeyVault/vaults/keys/create/action',
  'Microsoft.KeyVault/vaults/keys/import/action',
  'Microsoft.KeyVault/vaults/keys/update/action',
  'Microsoft.KeyVault/vaults/keys/recover/action',
  'Microsoft.KeyVault/vaults/keyrotationpolicies/read',
  'Microsoft.KeyVault/vaults/keyrotationpolicies/write',
] as const;

/** How long a fresh role assignment may take to spread: ten minutes as published, and a margin (R49). */
export const roleSpreadMs = 15 * 60_000;

/** How long a fresh access policy may take to spread before a refused bind is honest (R49). */
export const accessPolicySpreadMs = 2 * 60_000;

/** How long a record may take from ingestion to a query: minutes are usual (azure-docs, data ingestion time). */
export const ingestionDelayMs = 10 * 60_000;

/** How often a name whose release is unknown is probed, and when the wait must have ended (R43). */
export const nameProbeIntervalMs = 6 * 3_600_000;

export const dayMs = 86_400_000;

/** How long a key version stays enabled, at least, after a cluster has left it (R96). */
export const retirementGraceMs = 24 * 3_600_000;

/**
 * How long a proof is waited for after the bind: a vault's log takes ten minutes at most, a storage that follows the
 * latest version takes it up in its own time (R93), of which Azure says nothing.
 */
export const auditPatienceMs = { explicit: 30 * 60_000, automatic: 2 * 3_600_000 } as const;
