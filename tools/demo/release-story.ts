import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchOperation } from '#libs/client/watch-operation.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { openSqliteLedger } from '#libs/ledger/sqlite-ledger.ts';
import { letTimePass, tasksByBuild } from '../stack/engine.ts';
import { askControl, readExchanges } from '../stack/simulator-control.ts';
import { makeAndDeleteCluster } from './owner.ts';
import { provisionOrder } from './provision-order.ts';
import { changedDetail, writeChangedBuild } from './releases.ts';
import { describeWait, seconds } from './step-lines.ts';
import type { Story, Telling } from './story.ts';
import { askOthers } from './witnesses.ts';

/** A worker is replaced by one of the next release in the middle of the longest wait there is. */
export const releaseStory: Story = {
  name: 'release',
  title: 'A wait of fourteen days that one release has begun is finished by the next',
  stack: { pace: 300, canPassTime: true },
  tell: async (telling) => {
    const startedMs = Date.now();
    const body = provisionOrder(telling.stack.simulator);
    const waiting = await beginWait(telling, body);
    const released = await releaseAnother(telling, waiting);
    const operation = await passDays(telling, waiting);
    const proven = await askOthers(telling, body, operation);
    const kept = await findPromiseKept(telling, waiting, operation);
    const [waited, took] = [waiting.until - waiting.begunAt, Date.now() - startedMs].map(seconds);
    telling.stage.title(`Measured: ${waited} of waiting and the work after it, told in ${took}`);
    return released && proven && kept;
  },
};

type Order = ReturnType<typeof provisionOrder>;

interface Waiting {
  readonly operation: OperationView;
  /** Epoch ms. */
  readonly begunAt: number;
  /** When the name is released, epoch ms. */
  readonly until: number;
}

async function beginWait({ stack, client, stage, signal }: Telling, body: Order): Promise<Waiting> {
  const clusterId = formatClusterId(body.cluster);
  await makeAndDeleteCluster(stack.simulator, clusterId);
  stage.say(
    `Somebody has deleted cluster ${body.cluster.name}; Azure holds its name for fourteen days. The operator ` +
      'asks for a new one of that name, and chooses to wait.',
  );
  const { operationId } = await client.provisionCluster({ ...body, onNameReserved: 'wait' });
  stage.say(`Accepted as operation ${operationId}.`);
  for await (const operation of watchOperation(client, operationId, { intervalMs: 100, signal })) {
    const { waiting } = operation;
    if (waiting?.until === undefined) continue;
    const begunAt = Date.now();
    stage.say(`  ${describeWait(waiting, begunAt)}`);
    return { operation, begunAt, until: Date.parse(waiting.until) };
  }
  throw new Error(`waiting for a name: operation ${operationId} ended instead`);
}

/** The old worker goes, and one with another bundle takes over: what waits is replayed before it serves. */
async function releaseAnother(
  { stack, client, stage }: Telling,
  { operation }: Waiting,
): Promise<boolean> {
  stage.title('The next release');
  const stoppedMs = Date.now();
  await stack.worker.stop();
  const { waiting, seq } = await client.readOperation(operation.id);
  const stands = stage.check(
    `The old worker is stopped, and no other runs. The API still tells the wait, due ${waiting?.until}`,
    waiting?.until === operation.waiting?.until && seq === operation.seq,
  );
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-release-'));
  let next: string;
  try {
    const changed = await writeChangedBuild(folder);
    stage.say(
      '  The next release looks a second time at a vault that it has made: a change of what a provision does,\n' +
        '  behind patched(). Its worker replays every open operation before it serves.',
    );
    next = createHash('sha256')
      .update(await readFile(changed))
      .digest('hex');
    await stack.worker.start(changed);
  } finally {
    await rm(folder, { recursive: true });
  }
  const took = seconds(Date.now() - stoppedMs);
  const goesOn = stage.check(
    `The ledger: this build has passed, it goes on from what is open. It serves ${took} after the old one`,
    (await lastPassedBundle(stack.ledger)) === next,
  );
  return stands && goesOn;
}

async function lastPassedBundle(path: string): Promise<string | undefined> {
  const ledger = openSqliteLedger(path);
  try {
    return await ledger.lastPassedBundle();
  } finally {
    await ledger.close();
  }
}

async function passDays(
  { stack, client, stage, signal }: Telling,
  { operation, until }: Waiting,
): Promise<OperationView> {
  const leftMs = until - Date.now();
  stage.title(`${seconds(leftMs)} pass, for Temporal and for Azure alike (virtual time)`);
  await askControl(stack.simulator, 'POST /clock/advance', { seconds: leftMs / 1_000 });
  await letTimePass(stack, operationWorkflowId(operation.id), leftMs);
  return await stage.follow(watchOperation(client, operation.id, { intervalMs: 300, signal }));
}

/** Asks Azure when it was written to, and Temporal which build did what. */
async function findPromiseKept(
  { stack, stage }: Telling,
  { operation: { id }, until }: Waiting,
  { steps }: OperationView,
): Promise<boolean> {
  const exchanges = await readExchanges(stack.simulator);
  const writes = exchanges.filter(
    ({ principal, effects }) => principal === 'keyturn' && effects.length > 0,
  );
  const [first] = writes.map(({ at }) => at).toSorted();
  const builds = [...(await tasksByBuild(stack, operationWorkflowId(id)))];
  const [before, after] = builds;
  stage.title('What became of the wait');
  return [
    stage.check(
      `The simulated Azure: written to ${writes.length} times, first at ${first}, not before the name was free`,
      first !== undefined && Date.parse(first) >= until,
    ),
    stage.check(
      `Temporal: ${before?.[1]} tasks of the operation were done by build ${shortened(before?.[0])}, then ` +
        `${after?.[1]} by build ${shortened(after?.[0])}`,
      builds.length === 2,
    ),
    stage.check(
      `The next release did what is new in it: vault ${steps[0]?.detail}`,
      steps[0]?.detail === changedDetail,
    ),
  ].every(Boolean);
}

const shortened = (hash = 'none'): string => hash.slice(0, 12);
