import { settingsOf } from '../../settings.ts';
import type { RulesName } from '../../settings.ts';
import type { Transaction } from '../../store.ts';

/** What changed between the articles of July 2021 and April 2026. */
export interface ClusterRules {
  readonly name: RulesName;
  /** Commitment tiers in GB/day (R6). */
  readonly tiers: readonly number[];
  /** The service's own names of the tiers, as its InvalidInput error lists them. */
  readonly tierNames: string;
  /** Active clusters per region and subscription (R42). */
  readonly activeClusters: number;
  /** Active and recently deleted clusters per region and subscription (R42). */
  readonly reservedClusters: number;
  /** Days after a sku change during which the tier cannot go down (R61). */
  readonly capacityLockDays: number;
  /** Whether an identity other than SystemAssigned, or a key, is refused at creation (R107, R108). */
  readonly strictCreation: boolean;
}

const july2021: ClusterRules = {
  name: '2021',
  tiers: [500, 1000, 2000, 5000],
  tierNames: 'GB500,T1,T2,T5',
  activeClusters: 2,
  reservedClusters: 4,
  capacityLockDays: 30,
  strictCreation: true,
};

const current: ClusterRules = {
  name: 'current',
  tiers: [100, 200, 300, 400, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000],
  tierNames: 'GB100,GB200,GB300,GB400,GB500,T1,T2,T5,T10,T25,T50',
  activeClusters: 5,
  reservedClusters: 7,
  capacityLockDays: 31,
  strictCreation: false,
};

/** The limits and messages in force. */
export function rulesOf(tx: Transaction): ClusterRules {
  return settingsOf(tx).rules === '2021' ? july2021 : current;
}

/** The tiers in a sentence: "500, 1000, 2000 or 5000". */
export function tiersInWords(rules: ClusterRules): string {
  return `${rules.tiers.slice(0, -1).join(', ')} or ${rules.tiers.at(-1)}`;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** How long Azure's own work takes, ms, before the pace (observed: R22, R45, R69; the rest chosen). */
export const durations = {
  createCluster: 25 * MINUTE,
  patchKey: 2 * MINUTE,
  putKey: 5 * MINUTE,
  patchIdentity: MINUTE,
  deleteCluster: 1000,
  link: 18 * MINUTE,
  unlink: 30_000,
  createWorkspace: 2000,
} as const;

/** Calendar limits, ms: never paced. */
export const limits = {
  /** A deleted cluster's name, and a deleted workspace, come free (R43, R146). */
  softDelete: 14 * DAY,
  /** The rolling window of the link budget (R71). */
  linkWindow: 30 * DAY,
  linksPerWindow: 2,
  workspacesPerCluster: 1000,
  /** An ended operation is forgotten (R23). */
  operationKept: DAY,
  day: DAY,
} as const;

/** Regions whose clusters cannot be encrypted twice (R40): no source lists them, so two are chosen. */
export const regionsWithoutDoubleEncryption: readonly string[] = [
  'brazilsoutheast',
  'jioindiawest',
];

/** Regions with availability zones among those served. */
const zonedRegions: readonly string[] = [
  'australiaeast',
  'brazilsouth',
  'canadacentral',
  'centralindia',
  'centralus',
  'eastasia',
  'eastus',
  'eastus2',
  'francecentral',
  'germanywestcentral',
  'israelcentral',
  'italynorth',
  'japaneast',
  'koreacentral',
  'northeurope',
  'norwayeast',
  'polandcentral',
  'qatarcentral',
  'southafricanorth',
  'southcentralus',
  'southeastasia',
  'spaincentral',
  'swedencentral',
  'switzerlandnorth',
  'uaenorth',
  'uksouth',
  'westeurope',
  'westus2',
  'westus3',
];

const otherRegions: readonly string[] = [
  ...regionsWithoutDoubleEncryption,
  'australiacentral',
  'australiasoutheast',
  'canadaeast',
  'japanwest',
  'northcentralus',
  'southindia',
  'switzerlandwest',
  'ukwest',
  'westcentralus',
  'westus',
];

export function hasZones(region: string): boolean {
  return zonedRegions.includes(region);
}

export function isRegion(region: string): boolean {
  return zonedRegions.includes(region) || otherRegions.includes(region);
}
