import { z } from 'zod';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { sameId } from '#libs/domain/azure-ids.ts';
import { askControl } from '../stack/simulator-control.ts';

const storage = z.object({
  access: z.string(),
  unwrapsNow: z.boolean(),
  outageSeconds: z.number(),
  accounts: z.array(z.object({ id: z.string(), wrappedBy: z.string() })),
});
const world = z.object({ storage: z.record(z.string(), storage) });

/** How a cluster's storage stands in the simulated Azure: what nobody can see in the real one. */
export type SimulatedStorage = z.infer<typeof storage>;

/** Reads it from the simulator's control interface. Undefined when there is no such cluster. */
export async function readStorage(
  simulator: Pick<SimulatorFile, 'controlPort'>,
  clusterId: string,
): Promise<SimulatedStorage | undefined> {
  const response = await askControl(simulator, 'GET /state');
  const { storage: all } = world.parse(await response.json());
  return Object.entries(all).find(([id]) => sameId(id, clusterId))?.[1];
}
