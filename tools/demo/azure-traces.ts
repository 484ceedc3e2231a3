import { z } from 'zod';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatClusterId, parseVaultId, parseWorkspaceId, sameId } from '#libs/domain/azure-ids.ts';
import { askControl, readExchanges } from '../stack/simulator-control.ts';

const world = z.object({
  clusters: z.array(
    z.object({ id: z.string(), key: z.object({ keyVersion: z.string() }).optional() }),
  ),
  keys: z
    .array(z.object({ vault: z.string(), name: z.string(), versions: z.array(z.string()) }))
    .default([]),
  linkedServices: z
    .array(z.object({ workspaceId: z.string(), clusterId: z.string(), state: z.string() }))
    .default([]),
});

/** What a provision has left in the simulated Azure: how often each deed took effect, and what is there now. */
export interface AzureTraces {
  readonly clusterCreations: number;
  readonly keyCreations: number;
  /** Versions of the key that are there. */
  readonly keyVersions: readonly string[];
  readonly boundVersion: string | undefined;
  readonly links: readonly {
    readonly workspace: string;
    /** Links that were accepted. */
    readonly made: number;
    /** Whether it is linked to the cluster now. */
    readonly linked: boolean;
  }[];
}

/** Reads the traces from the exchanges, where every effect is told, and from the state. */
export async function readTraces(
  simulator: Pick<SimulatorFile, 'controlPort'>,
  body: ProvisionBodyInput,
): Promise<AzureTraces> {
  const exchanges = await readExchanges(simulator);
  const state = world.parse(await (await askControl(simulator, 'GET /state')).json());
  const clusterId = formatClusterId(body.cluster);
  const vault = parseVaultId(body.key.vaultId)?.name.toLowerCase() ?? '';
  const timesDone = (effect: string, address: string) =>
    exchanges.filter(
      ({ url, effects }) =>
        effects.includes(effect) && url.toLowerCase().includes(address.toLowerCase()),
    ).length;
  const key = state.keys.find(
    (each) => each.vault.toLowerCase() === vault && sameId(each.name, body.key.name),
  );
  return {
    clusterCreations: timesDone('cluster creation accepted', `${clusterId}?`),
    keyCreations: timesDone('key version created', `://${vault}.vault.azure.net/`),
    keyVersions: key?.versions ?? [],
    boundVersion: state.clusters.find(({ id }) => sameId(id, clusterId))?.key?.keyVersion,
    links: (body.workspaces ?? []).map((id) => ({
      workspace: parseWorkspaceId(id)?.name ?? id,
      made: timesDone('link accepted', `${id}/linkedServices/`),
      linked: state.linkedServices.some(
        (link) =>
          sameId(link.workspaceId, id) &&
          sameId(link.clusterId, clusterId) &&
          link.state === 'linked',
      ),
    })),
  };
}
