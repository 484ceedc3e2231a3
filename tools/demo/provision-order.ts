import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatVaultId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';

const workspaces = ['ws-payments', 'ws-trading', 'ws-audit'];

/** A request for a new cluster with a new vault and key, and the workspaces of the simulator's estate. */
export function provisionOrder(simulator: SimulatorFile) {
  const name = uniqueName();
  const { subscriptionId, resourceGroup, location } = simulator;
  const here = { subscriptionId, resourceGroup };
  return {
    cluster: { ...here, name },
    region: location,
    capacityGbPerDay: 500,
    key: {
      vaultId: formatVaultId({ ...here, name: `kv-${name}` }),
      name: 'cmk-logs',
      mode: 'explicit',
      source: 'generate',
    },
    workspaces: workspaces.map((workspace) => formatWorkspaceId({ ...here, name: workspace })),
  } as const satisfies ProvisionBodyInput;
}

/** Vault names are taken world-wide and kept after deletion, so that a told story needs a new one. */
const uniqueName = (): string => `logs-${Date.now().toString(36)}`;
