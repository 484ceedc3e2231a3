import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';

/** A good provision request for a cluster of that name, in the simulator's default estate. */
export function orderFor(simulator: SimulatorFile, name: string): ProvisionBodyInput {
  const { subscriptionId, resourceGroup, location } = simulator;
  return {
    cluster: { subscriptionId, resourceGroup, name },
    region: location,
    capacityGbPerDay: 500,
    key: {
      vaultId: `${providersOf(simulator)}/Microsoft.KeyVault/vaults/kv-${name}`,
      name: 'cmk',
      source: 'generate',
    },
    workspaces: [],
  };
}

/** Resource id of one of the default estate's workspaces. */
export const workspaceNamed = (simulator: SimulatorFile, name: string): string =>
  `${providersOf(simulator)}/Microsoft.OperationalInsights/workspaces/${name}`;

/** Where the resources of the default estate's group have their ids. */
export const providersOf = ({ subscriptionId, resourceGroup }: SimulatorFile): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers`;
