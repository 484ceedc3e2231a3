import { normalRegion } from '../../arm/scopes.ts';
import { AzureFault } from '../../azure-fault.ts';
import type { Call } from '../../route.ts';
import type { BillingType, Cluster } from './documents.ts';
import { limits, rulesOf, tiersInWords } from './rules.ts';

/** The body of a cluster PUT or PATCH, as far as it is looked at; unknown members are ignored (R56). */
export interface ClusterInput {
  readonly location?: unknown;
  readonly tags?: unknown;
  readonly sku?: { readonly name?: unknown; readonly capacity?: unknown } | null;
  readonly identity?: {
    readonly type?: unknown;
    readonly userAssignedIdentities?: unknown;
  } | null;
  readonly properties?: {
    readonly keyVaultProperties?: unknown;
    readonly billingType?: unknown;
    readonly isDoubleEncryptionEnabled?: unknown;
    readonly isAvailabilityZonesEnabled?: unknown;
    readonly associatedWorkspaces?: unknown;
  } | null;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{1,61}[A-Za-z0-9]$/u;
const otherSkus: readonly string[] = [
  'free',
  'standard',
  'premium',
  'pernode',
  'pergb2018',
  'standalone',
  'lacluster',
];

/** The parsed body. Throws R101 when it is empty, malformed or no object. */
export function readClusterInput(call: Call): ClusterInput {
  const { body } = call;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('BadRequest', 'The body of the request is null or in bad format.');
  }
  return body;
}

/** R100: letters, digits and inner hyphens, 3 to 63 (C1). */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw refuse(
    'InvalidParameter',
    'Cluster name is not valid. Cluster name can contain characters a-z, A-Z, 0-9 and length of 3-63.',
  );
}

/** R109/R110 for PUT, R114/R115 for PATCH: two wordings of one condition (C16). */
export function checkIdle(cluster: Cluster, method: string): void {
  const { provisioningState: state } = cluster;
  if (state === 'Succeeded' || state === 'Failed') return;
  if (method === 'PATCH') {
    throw refuse(
      'BadRequest',
      state === 'Deleting'
        ? 'Cluster is in deleting state. Wait for the Async operation to complete and try again.'
        : 'Operation cannot be executed now. Wait for the Async operation to complete and try again.',
    );
  }
  throw refuse(
    'BadRequest',
    state === 'Deleting'
      ? 'Cluster is in deleting state. Async operation is in progress . Cluster must complete its operation before any update operation is performed.'
      : 'Operation cannot be executed now. Async operation is in a state other than succeeded. Cluster must complete its operation before any update operation is performed.',
  );
}

/** R66: links are made on the workspace. */
export function checkReadOnly(input: ClusterInput): void {
  if (input.properties?.associatedWorkspaces === undefined) return;
  throw refuse(
    'InvalidParameter',
    "'properties.associatedWorkspaces' is a read only property and cannot be set. Please refer to https://docs.microsoft.com/en-us/azure/azure-monitor/log-query/logs-dedicated-clusters#link-a-workspace-to-the-cluster for more information on how to associate a workspace to the cluster.",
    'properties.associatedWorkspaces',
  );
}

/** R106, R102, R103, R104, then the value (C17): the capacity in GB/day. */
export function checkSku(call: Call, sku: ClusterInput['sku']): number {
  const rules = rulesOf(call.tx);
  const { name, capacity } = sku ?? {};
  const hasCapacity = capacity !== undefined && capacity !== null;
  const word = typeof name === 'string' ? name.toLowerCase() : '';
  if (word === '' && !hasCapacity) {
    throw refuse(
      'InvalidParameter',
      `No SKU was set. Set the SKU name to capacityReservation and Capacity value to ${tiersInWords(rules)} GB/day.`,
    );
  }
  if (word !== 'capacityreservation') checkSkuName(word, hasCapacity);
  if (!hasCapacity) {
    throw refuse(
      'InvalidParameter',
      `Missing Capacity in SKU. Set Capacity value to ${tiersInWords(rules)} GB/day.`,
    );
  }
  if (typeof capacity === 'number' && rules.tiers.includes(capacity)) return capacity;
  throw refuse(
    'InvalidInput',
    `CapacityReservationLevel must be an allowed value: [${rules.tierNames}]. Operation Id: '${call.correlationId}'`,
    'sku.capacity',
  );
}

/** R105: a tier may always go up; down only when its lock has passed (R61). */
export function checkCapacityLock(call: Call, cluster: Cluster, capacity: number): void {
  const { capacityLockDays } = rulesOf(call.tx);
  const unlocksAt = cluster.lastSkuUpdateAt + capacityLockDays * limits.day;
  if (capacity >= cluster.capacity || call.tx.now >= unlocksAt) return;
  throw refuse(
    'BadRequest',
    'Capacity is locked for 30 days. Decreasing capacity is permitted 30 days after update.',
  );
}

/** R62: any letter case in, canonical out. */
export function readBillingType(input: ClusterInput): BillingType | undefined {
  const value = input.properties?.billingType;
  if (value === undefined || value === null) return undefined;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word === 'cluster') return 'Cluster';
  if (word === 'workspaces') return 'Workspaces';
  throw refuse(
    'InvalidParameter',
    'Billing type is invalid. Set billingType to Cluster or Workspaces.',
    'properties.billingType',
  );
}

/** Tags replace the whole set; names and values are strings. */
export function readTags(input: ClusterInput): Record<string, string> | undefined {
  const { tags } = input;
  if (tags === undefined || tags === null) return undefined;
  const entries = Object.entries(tags as Record<string, unknown>);
  if (typeof tags === 'object' && entries.every(([, value]) => typeof value === 'string')) {
    return Object.fromEntries(entries) as Record<string, string>;
  }
  throw refuse('InvalidRequestContent', 'The tags of the request are in bad format.', 'tags');
}

/** The normalised region, if one is given. */
export function readLocation(input: ClusterInput): string | undefined {
  return typeof input.location === 'string' ? normalRegion(input.location) : undefined;
}

/** A 400 of the provider. */
export function refuse(code: string, message: string, target?: string): AzureFault {
  return new AzureFault(
    400,
    { code, message },
    target === undefined ? {} : { members: { target } },
  );
}

/** R102 for a word that is no sku, R103 for another valid sku, or none, with a capacity. */
function checkSkuName(word: string, hasCapacity: boolean): never {
  if (hasCapacity && (word === '' || otherSkus.includes(word))) {
    throw refuse(
      'InvalidParameter',
      'Capacity was provided but SKU is not capacityReservation. Set SKU name to capacityReservation.',
    );
  }
  throw refuse('InvalidParameter', 'SKU name is invalid. Set SKU name to capacityReservation.');
}
