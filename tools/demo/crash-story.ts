import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { readTraces } from './azure-traces.ts';
import { blowsOn, killAt, type Kill } from './kills.ts';
import { provisionOrder } from './provision-order.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';
import { askOthers } from './witnesses.ts';

/** The worker dies three times, each time at the worst moment, and nothing is lost or done twice. */
export const crashStory: Story = {
  name: 'crash',
  title: 'The worker is killed three times, and nothing is lost or done twice',
  // Azure's own work is short here: what one waits for is that Temporal misses the dead worker.
  stack: { pace: 300 },
  tell: async (telling) => {
    const { stack, stage } = telling;
    const body = provisionOrder(stack.simulator);
    const blows = blowsOn(body);
    stage.say(
      `The operator posts one request for cluster ${body.cluster.name}. The worker is killed (SIGKILL) at ` +
        `${blows.map(({ title }) => title).join(', ')}: each time Azure has done it and the answer is lost. ` +
        'Sent again blindly, it would be done twice.',
    );
    const startedMs = Date.now();
    const { kills, operation } = await provisionUnderFire(telling, body);
    const tookMs = Date.now() - startedMs;
    const survived = await askOthers(telling, body, operation);
    const once = await findNothingTwice(telling, body, kills.length);
    const holds = survived && once && kills.length === blows.length;
    summarise(telling, kills, tookMs);
    return holds;
  },
};

/** A kill, and when the operation was next seen to move. */
interface Survived extends Kill {
  readonly movedAt?: number;
}

async function provisionUnderFire(
  { stack, client, stage, signal }: Telling,
  body: ProvisionBodyInput,
): Promise<{ kills: readonly Survived[]; operation: OperationView }> {
  const kills: Survived[] = [];
  const overtaken = new AbortController();
  const killing = killAt(stack, blowsOn(body), {
    signal: AbortSignal.any([signal, overtaken.signal]),
    killed: ({ title }) => stage.say(`  ✗ worker killed at ${title}: done in Azure, answer lost`),
    back: (kill) => {
      kills.push(kill);
      const took = seconds(kill.workerBackAt - kill.killedAt);
      stage.say(
        `    a new worker after ${took}; Temporal hands the step out again once its heartbeat is missed for 10 s`,
      );
    },
  });
  const following = async () => {
    const { operationId } = await client.provisionCluster(body);
    stage.say(`Accepted as operation ${operationId}.\n`);
    const states = watchOperation(client, operationId, { intervalMs: 300, signal });
    return await stage.follow(
      noting(states, () => {
        const last = kills.at(-1);
        if (last !== undefined && last.movedAt === undefined)
          kills.splice(-1, 1, { ...last, movedAt: Date.now() });
      }),
    );
  };
  const [operation] = await Promise.all([
    following().finally(() => overtaken.abort()),
    killing.catch((error: unknown) => {
      if (!overtaken.signal.aborted) throw error;
    }),
  ]);
  return { kills, operation };
}

async function* noting<T>(states: AsyncIterable<T>, seen: () => void): AsyncGenerator<T> {
  for await (const state of states) {
    seen();
    yield state;
  }
}

/** Counts in the simulated Azure, whose exchanges tell every effect. */
async function findNothingTwice(
  { stack, stage }: Telling,
  body: ProvisionBodyInput,
  killed: number,
): Promise<boolean> {
  const { clusterCreations, keyCreations, keyVersions, boundVersion, links } = await readTraces(
    stack.simulator,
    body,
  );
  stage.title(
    `What was done in Azure, with the worker killed ${killed} times at a request in flight`,
  );
  return [
    stage.check(`The PUT of the cluster took effect: ${clusterCreations}`, clusterCreations === 1),
    stage.check(
      `Key versions made: ${keyCreations}, and the cluster is bound to version ${boundVersion ?? 'none'}`,
      keyCreations === 1 && keyVersions.length === 1 && keyVersions[0] === boundVersion,
    ),
    ...links.map(({ workspace, made, linked }) =>
      stage.check(
        `Links of ${workspace}: ${made}, and it ${linked ? 'is' : 'is not'} linked`,
        made === 1 && linked,
      ),
    ),
  ].every(Boolean);
}

function summarise({ stage }: Telling, kills: readonly Survived[], tookMs: number): void {
  stage.title(`Measured: ${seconds(tookMs)} from request to proven end, ${kills.length} kills`);
  for (const { title, killedAt, workerBackAt, movedAt = Number.NaN } of kills) {
    const moved = `${seconds(movedAt - workerBackAt)} from the new worker to progress`;
    const dead = `${seconds(workerBackAt - killedAt)} without a worker`;
    stage.say(`  ${dead}, ${moved}, after ${title}`);
  }
}
