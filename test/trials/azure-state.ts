/** What a site's operation has left in the simulated Azure, in a form that two sites can be compared by. */
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { askControl } from '../support/simulator-control.ts';
import { generalised } from './generalised.ts';
import type { Site } from './site.ts';

type World = Readonly<Record<string, unknown>>;

/** Collections of the simulator that an operation's doing shows in. */
const collections = [
  'vaults',
  'keys',
  'keyVersions',
  'clusters',
  'linkedServices',
  'workspaces',
  'principals',
] as const;

/** As random as an id, or a matter of how long it took. */
const left = new Set(['publicKey', 'n', 'e', 'lastUnwrap', 'outageSeconds']);

export async function readWorld(simulator: SimulatorFile): Promise<World> {
  return (await (await askControl(simulator, 'GET /state')).json()) as World;
}

/** One line for each resource of the site, without names, ids and instants, sorted. */
export function stateOn(site: Site, world: World): string[] {
  const listed = collections.flatMap((collection) =>
    ((world[collection] ?? []) as object[]).map((resource) => lineOf(collection, resource)),
  );
  const storage = Object.entries((world['storage'] ?? {}) as Record<string, object>).map(
    ([id, resource]) => lineOf('storage', { id, resource }),
  );
  return [...listed, ...storage]
    .filter((line) => line.includes(site.name))
    .map((line) => generalised(line, site))
    .toSorted();
}

function lineOf(collection: string, resource: object): string {
  const text = JSON.stringify(resource, (name, value: unknown) =>
    left.has(name) ? undefined : value,
  );
  return `${collection} ${text}`;
}
