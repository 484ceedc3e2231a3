import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { changedDetail, writeBrokenBuild, writeChangedBuild } from '../../tools/demo/releases.ts';
import { countEvents, letTimeFly } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { makeAndDeleteCluster } from '../support/owner.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, plantFault } from '../support/simulator-control.ts';

/** One build stops in the middle of work, another is started. */
let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

/** What the replay gate has said so far. */
const passes = () => product.log.filter((line) => line.includes('goes on from what is open'));

it('refuses to serve with a build that breaks an open operation, by name, and the old one finishes it', async () => {
  const { simulator, worker } = product.stack;
  const operator = product.as('operator');
  const refusal = { kind: 'status', status: 403, message: 'Forbidden for the release' } as const;
  const path = '/clusters/clu-old\\?';
  const mend = await plantFault(simulator, { method: 'PUT', path, action: refusal });
  const { operationId } = await operator.provisionCluster(orderFor(simulator, 'clu-old'));
  await operationWhen(operator, operationId, ({ state }) => state === 'attention');
  const workflowId = operationWorkflowId(operationId);
  const before = await countEvents(product.stack, workflowId);

  await worker.stop();
  const broken = worker.start(await writeBrokenBuild(product.dataFolder));
  const message = await broken.then(() => 'it serves', String);
  expect(message).toContain('it ended with code 1');
  expect(message).toContain('does not go on from 1 of 2 open histories:');
  expect(message).toContain(
    `${workflowId} (provision): [TMPRL1100] Nondeterminism error: Activity type of scheduled event 'ensureOwnAccess' does not match activity type of activity command 'ensureKeyVersion'`,
  );
  expect(message).toContain('Start the build that served before');
  expect(await countEvents(product.stack, workflowId)).toBe(before);

  const passed = passes().length;
  await worker.start();
  expect(passes()).toHaveLength(passed);
  await mend();
  await letTimeFly(product.stack, workflowId);
  await operator.resumeOperation(operationId);
  expect((await endOf(operator, operationId)).state).toBe('succeeded');
});

it('finishes on the next build a wait of fourteen days that this one has begun', async () => {
  const { simulator, worker } = product.stack;
  const operator = product.as('operator');
  const body = orderFor(simulator, 'clu-release');
  await makeAndDeleteCluster(simulator, formatClusterId(body.cluster));
  const { operationId } = await operator.provisionCluster({ ...body, onNameReserved: 'wait' });
  const isDeferred = ({ state }: { state: string }) => state === 'deferred';
  const { waiting, requestedAt } = await operationWhen(operator, operationId, isDeferred);
  const until = Date.parse(waiting?.until ?? '');

  await worker.stop();
  const passed = passes().length;
  await worker.start(await writeChangedBuild(product.dataFolder));
  expect(passes()).toHaveLength(passed + 1);
  expect(passes().at(-1)).toMatch(/"histories":3,/u);
  expect((await operator.readOperation(operationId)).waiting).toEqual(waiting);

  const seconds = (until - Date.now()) / 1000;
  await askControl(simulator, 'POST /clock/advance', { seconds });
  await letTimeFly(product.stack, operationWorkflowId(operationId));
  const { state, steps } = await endOf(operator, operationId);
  expect(state).toBe('succeeded');
  const [vault] = steps;
  expect(vault?.detail).toBe(changedDetail);
  expect(Date.parse(vault?.startedAt ?? '')).toBeGreaterThanOrEqual(until);
  expect((until - Date.parse(requestedAt)) / 86_400_000).toBeCloseTo(14, 1);
});
