import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { readToolsConfig } from '../config.ts';
import { startChild, type Child } from '../processes/child.ts';
import { projectRoot } from '../project.ts';
import { placesIn } from '../stack/programs.ts';
import { checkEnd, follow, sayYes } from './following.ts';
import { provisionOrder } from './provision-order.ts';
import { readStorage } from './simulated-storage.ts';
import { seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';

/** When access is to come back, counted from the request: long enough to see it gone and to lose everybody. */
const backAfterMs = 30_000;
const lookEveryMs = 200;

/** A planned revocation is recovered at its instant, though its operator and the worker are gone meanwhile. */
export const drillStory: Story = {
  name: 'drill',
  title: 'A drill: access is revoked, everybody is lost, and it is recovered at its instant',
  stack: { pace: 2_000 },
  tell: async (telling) => {
    const { stack, client, stage } = telling;
    const body = provisionOrder(stack.simulator);
    const clusterId = formatClusterId(body.cluster);
    const unwraps = async () => (await readStorage(stack.simulator, clusterId))?.unwrapsNow;

    stage.say(`The operator provisions cluster ${body.cluster.name} with its workspaces.`);
    const made = await follow(telling, (await client.provisionCluster(body)).operationId);

    const recoverAt = new Date(Date.now() + backAfterMs).toISOString();
    stage.title(`From a shell, the operator orders a drill that ends at ${recoverAt}`);
    const askedMs = Date.now();
    const shell = orderDrill(telling, clusterId, recoverAt);
    const revoking = await operationOf(telling, clusterId, 'revoke');
    const revoked = await follow(telling, revoking.id, sayYes(telling));
    const effectMs = Date.now() - askedMs;
    const isOut = (await unwraps()) === false;

    stage.title('The shell of the operator and the worker are killed (SIGKILL)');
    await Promise.all([shell.kill(), stack.worker.kill()]);
    const recovering = await operationOf(telling, clusterId, 'recover');
    const { state, waiting } = recovering;
    stage.say(`  Operation ${recovering.id} is ${state} until ${waiting?.until ?? 'unknown'}.`);
    await stack.worker.start();
    stage.say('  Another worker was started; nobody asks it for anything.');
    const recovered = await follow(telling, recovering.id);
    const lateMs = startOf(recovered) - Date.parse(recoverAt);

    stage.title('Measured, at a pace of 2,000');
    stage.say(`  ${seconds(effectMs)} from the request to data out of reach`);
    stage.say(`  ${seconds(lateMs)} from the instant of the recovery to its first step`);
    stage.say(
      `  ${seconds(endOf(recovered) - askedMs)} gap at most, from the request to data back`,
    );
    return [
      stage.check(`The cluster was made: ${made.state}`, made.state === 'succeeded'),
      checkEnd(telling, revoked),
      stage.check('The simulated Azure: the storage could not unwrap any more', isOut),
      stage.check(`The recovery waited for its instant: ${state}`, state === 'deferred'),
      stage.check('It began at that instant and not before', lateMs >= 0),
      checkEnd(telling, recovered),
      stage.check('The simulated Azure: the storage unwraps again', (await unwraps()) === true),
    ].every(Boolean);
  },
};

/** The command line in a process of its own, that watches what it has ordered. */
function orderDrill({ stack }: Telling, clusterId: string, recoverAt: string): Child {
  const dataFolder = dirname(stack.ledger);
  const program = join(projectRoot, 'dist', 'apps', 'cli', 'main.js');
  const order = ['revoke', clusterId, '--reason', 'a drill', '--recover-at', recoverAt];
  return startChild({
    name: 'operator',
    command: process.execPath,
    args: [program, ...order, '--watch', '--stay'],
    env: {
      PATH: readToolsConfig().path,
      HOME: join(dataFolder, 'operator'),
      KEYTURN_API: stack.api,
      KEYTURN_SIMULATOR: placesIn(dataFolder).simulatorFile,
      KEYTURN_AS: 'operator',
    },
    log: () => {},
  });
}

/** The operation of that kind on the cluster, as soon as there is one. */
async function operationOf(
  { client, signal }: Telling,
  cluster: string,
  kind: 'revoke' | 'recover',
): Promise<OperationView> {
  for (;;) {
    signal.throwIfAborted();
    const { items } = await client.listOperations({ cluster, kind });
    const [found] = items;
    if (found !== undefined) return await client.readOperation(found.id);
    await setTimeout(lookEveryMs);
  }
}

const startOf = ({ steps }: OperationView): number => Date.parse(steps[0]?.startedAt ?? '');

const endOf = ({ steps }: OperationView): number => Date.parse(steps.at(-1)?.endedAt ?? '');
