import { expect, it, vi } from 'vitest';

import type { Azure } from '#libs/azure/azure.ts';
import { unknownCluster, type Cluster } from '#libs/domain/cluster.ts';

import { answer, azureError, runAttempt, seen, standInAzure } from './azure-stand-in.ts';
import { inspectAllActivities, type Fleet } from './inspect-all.ts';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/${name}`;
const facts = (name: string) => ({
  id: idOf(name),
  region: 'westeurope',
  provisioningState: 'Succeeded',
  capacityGbPerDay: 500,
  doubleEncryption: true,
  workspaces: [],
});

/** A round over clusters of those names: what Azure shows of each, or how it fails. */
async function round(shown: Readonly<Record<string, object | Error | undefined>>, next?: string) {
  const read = vi.fn<Azure['clusters']['read']>(async ({ name }) => {
    const found = shown[name];
    if (found instanceof Error) throw found;
    return await seen(found as never);
  });
  const tell = vi.fn<Fleet['tell']>(async () => {});
  const known = (name: string): Cluster => ({ ...unknownCluster(idOf(name)), seq: 4 });
  const fleet: Fleet = {
    list: async () =>
      await Promise.resolve({ entities: Object.keys(shown), ...(next && { next }) }),
    read: async (entity) => await Promise.resolve(entity === 'ended' ? undefined : known(entity)),
    tell,
  };
  const deeds = inspectAllActivities(standInAzure({ clusters: { read } }), fleet);
  const result = await runAttempt(async () => await deeds.inspectPage({}));
  return { result, tell };
}

it('tells each entity what is new of its cluster, as far as it knew before', async () => {
  const { result, tell } = await round({ one: facts('one'), two: undefined }, 'page-2');
  expect(result).toEqual({ inspected: 2, changed: 2, unread: 0, next: 'page-2' });
  const told = tell.mock.calls.map(
    ([entity, [event], basedOn]) => `${entity}: ${event?.type} after ${basedOn}`,
  );
  // They are read at the same time.
  expect(new Set(told)).toEqual(
    new Set(['one: ClusterSeen after 4', 'two: FindingRaised after 4']),
  );
});

it('goes on with the others where one cannot be read, and says of that one nothing', async () => {
  const failures = { one: answer(503), two: answer(403), three: azureError({ kind: 'timeout' }) };
  const { result, tell } = await round({ ...failures, four: facts('four'), ended: undefined });
  expect(result).toEqual({ inspected: 1, changed: 1, unread: 3 });
  expect(tell).toHaveBeenCalledOnce();
});
