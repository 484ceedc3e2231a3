import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import { principalNamed } from '../../tools/stack/programs.ts';
import { letTimeFly } from '../support/engine.ts';
import { endOf, operationWhen } from '../support/operations.ts';
import { orderFor } from '../support/orders.ts';
import { realTime, startProduct, type Product } from '../support/product.ts';
import { askControl, exchangesOf, plantFault } from '../support/simulator-control.ts';

const otherHash = 'f'.repeat(64);

let product: Product;

beforeAll(async () => {
  product = await startProduct(inject('temporalAddress'), realTime);
});

afterAll(async () => {
  await product.stop();
});

const requested = async (name: string, acceptPlan?: string) => {
  const body = orderFor(product.stack.simulator, name);
  const { operationId } = await product
    .as('operator')
    .provisionCluster(acceptPlan === undefined ? body : { ...body, acceptPlan });
  await letTimeFly(product.stack, operationWorkflowId(operationId));
  return operationId;
};

const inState = async (id: string, state: OperationView['state']) =>
  await operationWhen(product.as('reader'), id, (operation) => operation.state === state);

/** What was changed in Azure on resources with that name, in order of time. */
async function written(name: string): Promise<string[]> {
  const seen = await exchangesOf(product.stack.simulator, new RegExp(`${name}\\b`, 'u'));
  return seen
    .filter(({ method, status }) => method !== 'GET' && status < 400)
    .map(({ method, url }) => {
      const [, kind = url] = /(?:providers\/[^/]+|azure\.net)\/(\w+)/u.exec(url) ?? [];
      return `${method} ${kind}`;
    });
}

describe('an operation whose plan is not the one accepted', () => {
  it('asks, takes a yes to the plan in force alone, and then carries it out', async () => {
    const id = await requested('clu-asks', otherHash);
    const asking = await inState(id, 'awaiting-approval');
    const hash = asking.plan?.hash ?? '';
    expect(asking.approval).toEqual({
      planHash: hash,
      from: 'requester',
      reason: 'the plan is not the one accepted',
    });

    const approver = product.as('approver');
    await expect(approver.approveOperation(id, otherHash)).rejects.toMatchObject({
      problem: { status: 409, code: 'plan_changed', detail: `the plan in force is ${hash}` },
    });
    expect(await approver.readOperation(id)).toEqual(asking);
    await expect(product.as('reader').approveOperation(id, hash)).rejects.toMatchObject({
      problem: { status: 403, code: 'forbidden' },
    });
    expect(await written('clu-asks')).toEqual([]);

    expect((await approver.approveOperation(id, hash)).approval).toBeUndefined();
    expect(await endOf(approver, id)).toMatchObject({ state: 'succeeded', plan: { hash } });
    await expect(approver.approveOperation(id, hash)).rejects.toMatchObject({
      problem: { status: 409, code: 'not_waiting_for_that' },
    });
  });

  it('ends rejected with the name and the reason of who said no', async () => {
    const id = await requested('clu-rejected', otherHash);
    await inState(id, 'awaiting-approval');
    const approver = product.as('approver');
    await approver.rejectOperation(id, { reason: 'too dear' });
    const { clientId } = principalNamed(product.stack.simulator, 'approver');
    expect(await endOf(approver, id)).toMatchObject({
      state: 'rejected',
      outcome: { summary: `Rejected by ${clientId}: too dear.`, left: [] },
    });
    expect(await written('clu-rejected')).toEqual([]);
  });

  it('takes an answer that is sent again, also after its end, as the one it was', async () => {
    const id = await requested('clu-again', otherHash);
    await inState(id, 'awaiting-approval');
    const approver = product.as('approver');
    const answering = { reason: 'too dear', idempotencyKey: 'the-same-no' };
    await approver.rejectOperation(id, answering);
    const ended = await endOf(approver, id);
    expect(await approver.rejectOperation(id, answering)).toEqual(ended);
    const otherwise = { ...answering, reason: 'too early' };
    await expect(approver.rejectOperation(id, otherwise)).rejects.toMatchObject({
      problem: { status: 409, code: 'not_waiting_for_that' },
    });
  });

  it('can be cancelled while it asks, and is not resumed', async () => {
    const id = await requested('clu-cancelled', otherHash);
    await inState(id, 'awaiting-approval');
    const operator = product.as('operator');
    await expect(operator.resumeOperation(id)).rejects.toMatchObject({
      problem: { status: 409, code: 'not_waiting_for_that' },
    });
    await operator.cancelOperation(id);
    expect(await endOf(operator, id)).toMatchObject({ state: 'cancelled', outcome: { left: [] } });
    expect(await written('clu-cancelled')).toEqual([]);
  });
});

describe('an operation that cannot go on by itself', () => {
  afterEach(async () => {
    await askControl(product.stack.simulator, 'DELETE /faults');
  });

  it('believes the resource where the record of an operation cannot be read', async () => {
    await plantFault(product.stack.simulator, {
      path: '/operationstatuses/',
      action: { kind: 'status', status: 403 },
    });
    const id = await requested('clu-unseen');
    expect((await endOf(product.as('operator'), id)).state).toBe('succeeded');
  });

  it('says what it lacks, and when that is mended goes on where it stood', async () => {
    const { simulator } = product.stack;
    const mend = await plantFault(simulator, {
      method: 'PUT',
      path: '/clusters/clu-denied',
      action: {
        kind: 'status',
        status: 403,
        message:
          "The client 'x' with object id 'x' does not have authorization to perform action 'Microsoft.OperationalInsights/clusters/write' over scope 'y' or the scope is invalid.",
      },
    });
    const id = await requested('clu-denied');
    const { attention } = await inState(id, 'attention');
    expect(attention).toMatchObject({ step: 'cluster', choices: ['resume', 'cancel'] });
    expect(attention?.reason).toContain(
      'the identity of Keyturn may not perform Microsoft.OperationalInsights/clusters/write',
    );
    expect(attention?.seen).toContain('403');

    await mend();
    const operator = product.as('operator');
    await operator.resumeOperation(id, { reason: 'the role is given' });
    expect((await endOf(operator, id)).state).toBe('succeeded');
    expect(await written('clu-denied')).toEqual([
      'PUT vaults',
      'PUT vaults',
      'POST keys',
      'PUT clusters',
      'PUT vaults',
      'PATCH clusters',
    ]);
  });

  it('names what it leaves behind when it is cancelled instead', async () => {
    const { simulator } = product.stack;
    await plantFault(simulator, {
      method: 'PUT',
      path: '/clusters/clu-odd',
      action: { kind: 'status', status: 418, message: 'I am a teapot.' },
    });
    const id = await requested('clu-odd');
    const { attention } = await inState(id, 'attention');
    expect(attention).toMatchObject({
      step: 'cluster',
      reason: 'Azure gives an answer that nobody knows',
    });
    expect(attention?.seen).toContain('418');

    const operator = product.as('operator');
    await operator.cancelOperation(id);
    const { state, outcome } = await endOf(operator, id);
    expect(state).toBe('cancelled');
    expect(outcome?.left).toEqual([
      expect.stringMatching(/^vault .*\/vaults\/kv-clu-odd$/u),
      expect.stringMatching(/^grant to .* on .*\/vaults\/kv-clu-odd$/u),
      expect.stringMatching(/^key version https:\/\/kv-clu-odd\.vault\.azure\.net\/keys\/cmk\//u),
    ]);
  });
});
