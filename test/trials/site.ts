/** The ground of one trial: names of its own in the simulated Azure, so that many trials share a product. */
import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { clusterWorkflowId } from '#libs/contracts/temporal.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { orderFor, workspaceNamed } from '../support/orders.ts';

/** Regions with a quota of clusters each. */
const regions = [
  'westeurope',
  'northeurope',
  'uksouth',
  'francecentral',
  'germanywestcentral',
  'swedencentral',
  'norwayeast',
  'polandcentral',
  'italynorth',
  'spaincentral',
  'switzerlandnorth',
  'eastus',
  'eastus2',
  'centralus',
  'southcentralus',
  'westus2',
  'westus3',
  'canadacentral',
  'brazilsouth',
  'japaneast',
  'koreacentral',
  'eastasia',
  'southeastasia',
  'australiaeast',
  'centralindia',
  'uaenorth',
  'israelcentral',
  'qatarcentral',
  'southafricanorth',
];

/** Active clusters that Azure allows per region (R42). */
const clustersPerRegion = 5;

/** How many sites a simulator has room for. */
export const sitesPerSimulator = regions.length * clustersPerRegion;

export interface Site {
  /** Part of every name on it, and of no other. */
  readonly name: string;
  readonly region: string;
  /** Two of them, so that links go in parallel. */
  readonly workspaces: readonly string[];
  readonly order: ProvisionBodyInput;
  /** Under which the operation that is put to trial is ordered. */
  readonly idempotencyKey: string;
  /** Of that operation; known before it is ordered, so that faults can be planted first. */
  readonly operationId: string;
}

/** The site of that number, from 0. @throws when the simulator has no room for it */
export function siteNumber(simulator: SimulatorFile, number: number): Site {
  const region = regions[Math.floor(number / clustersPerRegion)];
  if (region === undefined) throw new Error(`choosing site ${number}: no region has room for it`);
  const name = `trial-${String(number).padStart(3, '0')}`;
  const workspaces = ['a', 'b'].map((letter) => `ws-${name}${letter}`);
  const order = {
    ...orderFor(simulator, name),
    region,
    workspaces: workspaces.map((workspace) => workspaceNamed(simulator, workspace)),
  };
  const idempotencyKey = `trial-of-${name}`;
  const entity = clusterWorkflowId(order.cluster);
  const operationId = operationIdOf(simulator, entity, idempotencyKey);
  return { name, region, workspaces, order, idempotencyKey, operationId };
}

const namespace = '8b0f6c1e-5d0a-4c56-9a53-6f0e7f6b7c11';

/** Computed as the API does (request-ids.ts); the ticket must say the same. */
function operationIdOf(simulator: SimulatorFile, entity: string, key: string): string {
  const { objectId } = principalNamed(simulator, 'operator');
  const update = createHash('sha256')
    .update(JSON.stringify([simulator.tenantId, objectId, key]))
    .digest('hex');
  return v5(update, v5(entity, namespace));
}
