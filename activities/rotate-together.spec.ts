import { expect, it, vi } from 'vitest';

import { runAttempt } from './azure-stand-in.ts';
import type { Fleet } from './inspect-all.ts';
import { rotateTogetherActivities } from './rotate-together.ts';

const idOf = (name: string) =>
  `/subscriptions/S/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/${name}`;
const requestedBy = { objectId: 'o', name: 'Olga' };
const version = 'a'.repeat(32);
const wanted = { operationId: 'op-1', requestedBy, version, soakMs: 7 };

it('orders each cluster once, whatever is repeated, in the name of who asked', async () => {
  const order = vi.fn<Fleet['order']>(async () => await Promise.resolve(true));
  const deeds = rotateTogetherActivities({ order });
  const run = async (operationId = 'op-1') =>
    await runAttempt(
      async () =>
        await deeds.rotateTogether({
          ...wanted,
          operationId,
          clusters: [idOf('one'), idOf('two')],
        }),
    );
  const first = await run();
  expect(first.ordered.map(({ cluster }) => cluster)).toEqual([idOf('one'), idOf('two')]);
  expect(await run()).toEqual(first);
  const updates = order.mock.calls.map(([entity, { updateId }]) => `${entity} ${updateId}`);
  expect(new Set(updates).size).toBe(2);
  const [entity, asked] = order.mock.calls[0] ?? [];
  expect(entity).toBe('cluster/s/g/one');
  // It retires nothing: the one that made the version has the old one retired.
  const cluster = { subscriptionId: 'S', resourceGroup: 'g', name: 'one' };
  expect(asked?.request).toEqual({ cluster, planOnly: false, to: version, soakMs: 7 });
  expect(asked).toMatchObject({ kind: 'rotate', requestedBy });
  const [other] = (await run('op-2')).ordered;
  expect(other?.operationId).not.toBe(first.ordered[0]?.operationId);
});

it('names those whose entities refuse it', async () => {
  const order = async (entity: string) => await Promise.resolve(!entity.endsWith('two'));
  const deeds = rotateTogetherActivities({ order });
  const clusters = [idOf('one'), idOf('two')];
  const { ordered, refused } = await runAttempt(
    async () => await deeds.rotateTogether({ ...wanted, clusters }),
  );
  expect([ordered.length, refused]).toEqual([1, [idOf('two')]]);
});
