import { watchOperation } from '#libs/client/watch-operation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { provisionOrder } from './provision-order.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story } from './story.ts';

/** Longer than the storage leaves a key alone, at the pace of the story. */
const soakHours = 0.002;

/** A key's version is replaced under a cluster that is never without one. */
export const rotateStory: Story = {
  name: 'rotate',
  title: 'The key of a cluster is rotated, and the storage is seen to use the new version',
  stack: { pace: 2_000 },
  tell: async ({ stack, client, stage, signal }) => {
    const body = provisionOrder(stack.simulator);
    const clusterId = formatClusterId(body.cluster);
    const follow = async (id: string) =>
      await stage.follow(watchOperation(client, id, { intervalMs: 300, signal }));
    const wrappers = async () =>
      (await readStorage(stack.simulator, clusterId))?.accounts.map(({ wrappedBy }) => wrappedBy) ??
      [];

    stage.say(`The operator provisions cluster ${body.cluster.name}.`);
    const { operationId } = await client.provisionCluster(body);
    const made = await follow(operationId);
    const [before = 'none'] = await wrappers();

    stage.title('The operator asks for a new version of its key');
    const startedMs = Date.now();
    const asked = { kind: 'rotate', to: 'new', soakHours } as const;
    const rotated = await follow((await client.operateCluster(body.cluster, asked)).operationId);
    const [after = 'none', ...others] = await wrappers();

    stage.title(`Measured: ${seconds(Date.now() - startedMs)} from request to proof`);
    for (const { claim, grade } of rotated.outcome?.evidence ?? [])
      stage.say(`  ${grade}: ${claim}`);
    return [
      stage.check(`The cluster was made: ${made.state}`, made.state === 'succeeded'),
      stage.check(
        `The operation ended: ${rotated.state}. ${rotated.outcome?.summary ?? ''}`,
        rotated.state === 'succeeded',
      ),
      stage.check(
        `The storage was wrapped by ${before} and is wrapped by ${after}`,
        after !== before && others.every((other) => other === after),
      ),
    ].every(Boolean);
  },
};
