import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  engine,
  events,
  operation,
  operationId,
  planHash,
  resetEngine,
  startApi,
} from '../api-under-test.ts';
import type { ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(resetEngine);
afterAll(() => api.app.close());

const call: ApiUnderTest['call'] = (route, sent) => api.call(route, sent);

describe('an operation', () => {
  const path = `/v1/operations/${operationId}`;

  it('is read from its card', async () => {
    const { status, answer } = await call(`GET ${path}`, { as: 'eve.reader' });
    expect({ status, answer }).toEqual({ status: 200, answer: operation });
  });

  it('that is not known is told so', async () => {
    engine.cards.clear();
    const { status, answer } = await call(`GET ${path}`);
    expect({ status, code: answer.code }).toEqual({ status: 404, code: 'operation_unknown' });
  });

  it('that the engine has forgotten is read from the ledger, by those who may', async () => {
    engine.cards.clear();
    engine.kept.set(`operation/${operationId}`, events);
    const { status, answer } = await call(`GET ${path}`, { as: 'eve.reader' });
    const { state, outcome, seq, requestedBy } = answer;
    expect({ status, state, outcome, seq, requestedBy }).toEqual({
      status: 200,
      state: 'cancelled',
      outcome: { result: 'cancelled', summary: 's', findings: [], evidence: [] },
      seq: 2,
      requestedBy: { objectId: 'ada', name: 'Ada' },
    });
    expect((await call(`GET ${path}`, { as: 'eve.reader+s2' })).status).toBe(403);
  });

  it('that the engine has forgotten takes no answer', async () => {
    engine.cards.clear();
    engine.kept.set(`operation/${operationId}`, events);
    engine.hasEnded = true;
    const { status, answer } = await call(`POST ${path}/cancel`, { key: 'k' });
    expect({ status, code: answer.code }).toEqual({ status: 409, code: 'not_waiting_for_that' });
  });

  it('is out of reach of a reader of another subscription', async () => {
    expect((await call(`GET ${path}`, { as: 'eve.reader+s2' })).status).toBe(403);
  });

  it.each([
    ['the requester, for money', 'ada.operator', 'requester', 200],
    ['an approver, for money', 'eve.approver', 'requester', 200],
    ['another operator, for money', 'eve.operator', 'requester', 403],
    ['an approver, for a loss', 'eve.approver', 'second-person', 200],
    ['the requester as approver, for a loss', 'ada.approver', 'second-person', 403],
    ['the requester as admin, for a loss', 'ada.admin', 'second-person', 403],
  ] as const)(
    'is approved by %s, as %s, when asked of the %s: %i',
    async (...[, as, from, expected]) => {
      const approval = { planHash, from, reason: 'r' };
      engine.cards.set(`operation/${operationId}`, { ...operation, approval });
      const sent = { as, key: 'k', body: { planHash } };
      const { status } = await call(`POST ${path}/approve`, sent);
      expect(status).toBe(expected);
      expect(engine.updates).toHaveLength(expected === 200 ? 1 : 0);
    },
  );

  it('is told who answered and why', async () => {
    await call(`POST ${path}/reject`, {
      as: 'eve.approver',
      key: 'k',
      body: { reason: 'too dear' },
    });
    expect(engine.updates).toEqual([
      {
        name: 'reject',
        workflowId: `operation/${operationId}`,
        args: [{ by: { objectId: 'eve', name: 'eve' }, reason: 'too dear' }],
        updateId: expect.stringMatching(/^[0-9a-f]{64}$/u),
      },
    ]);
  });

  it('is answered under one id when the answer is sent again', async () => {
    await call(`POST ${path}/resume`, { key: 'k' });
    await call(`POST ${path}/resume`, { key: 'k' });
    expect(new Set(engine.updates.map(({ updateId }) => updateId)).size).toBe(1);
  });

  it('is approved by the hash of a plan only', async () => {
    const { status, answer } = await call(`POST ${path}/approve`, { key: 'k', body: {} });
    expect(status).toBe(400);
    expect(answer.problems?.map(({ field }) => field)).toEqual(['planHash']);
  });

  it('that has ended takes no answer', async () => {
    engine.hasEnded = true;
    const { status, answer } = await call(`POST ${path}/cancel`, { key: 'k' });
    expect({ status, code: answer.code }).toEqual({ status: 409, code: 'not_waiting_for_that' });
  });
});
