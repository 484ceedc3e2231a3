import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatVaultId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';

/** How a request of the bench differs from the others. */
export interface Wanted {
  readonly name: string;
  readonly region?: string;
  readonly workspaces?: readonly string[];
  readonly planOnly?: boolean;
}

/** A good provision request in the simulator's default estate. */
export function requestFor(
  { subscriptionId, resourceGroup, location }: SimulatorFile,
  { name, region = location, workspaces = [], planOnly = false }: Wanted,
): ProvisionBodyInput {
  const here = { subscriptionId, resourceGroup };
  return {
    cluster: { ...here, name },
    region,
    capacityGbPerDay: 500,
    key: {
      vaultId: formatVaultId({ ...here, name: `kv-${name}` }),
      name: 'cmk',
      source: 'generate',
    },
    workspaces: workspaces.map((workspace) => formatWorkspaceId({ ...here, name: workspace })),
    planOnly,
  };
}
