import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { checkEnd, follow, sayYes } from './following.ts';
import { provisionOrder } from './provision-order.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story } from './story.ts';

/** Access to a key is taken away and given back; both are seen on the data. */
export const revokeStory: Story = {
  name: 'revoke-recover',
  title: 'Access to the key is revoked by two people, seen to be gone, and recovered',
  stack: { pace: 2_000 },
  tell: async (telling) => {
    const { stack, client, stage } = telling;
    const body = provisionOrder(stack.simulator);
    const clusterId = formatClusterId(body.cluster);
    const unwraps = async () => (await readStorage(stack.simulator, clusterId))?.unwrapsNow;

    stage.say(`The operator provisions cluster ${body.cluster.name} with its workspaces.`);
    const { operationId } = await client.provisionCluster(body);
    const made = await follow(telling, operationId);

    stage.title('The operator asks to revoke it; an approver has to say yes');
    const revokedMs = Date.now();
    const asked = { kind: 'revoke', reason: 'the key may be known to others' } as const;
    const revoking = await client.operateCluster(body.cluster, asked);
    const revoked = await follow(telling, revoking.operationId, sayYes(telling));
    const effectMs = Date.now() - revokedMs;
    const isOut = (await unwraps()) === false;

    stage.title('The operator recovers it');
    const recoveredMs = Date.now();
    const recovering = await client.operateCluster(body.cluster, { kind: 'recover' });
    const recovered = await follow(telling, recovering.operationId);
    const gapMs = Date.now() - revokedMs;

    stage.title('Measured, at a pace of 2,000');
    stage.say(`  ${seconds(effectMs)} from the request to data out of reach`);
    stage.say(`  ${seconds(Date.now() - recoveredMs)} from the request to data back`);
    stage.say(`  ${seconds(gapMs)} gap at most`);
    return [
      stage.check(`The cluster was made: ${made.state}`, made.state === 'succeeded'),
      checkEnd(telling, revoked),
      stage.check('The simulated Azure: the storage could not unwrap any more', isOut),
      checkEnd(telling, recovered),
      stage.check('The simulated Azure: the storage unwraps again', (await unwraps()) === true),
    ].every(Boolean);
  },
};
