import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  clusterId,
  engine,
  provision,
  resetEngine,
  startApi,
  subscriptionId,
} from '../api-under-test.ts';
import type { ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(resetEngine);
afterAll(() => api.app.close());

const call: ApiUnderTest['call'] = (route, sent) => api.call(route, sent);

describe('POST /v1/clusters', () => {
  it('orders the operation on the entity and says where it is', async () => {
    const sent = { key: 'k1', body: provision };
    const { status, headers, answer } = await call('POST /v1/clusters', sent);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/operations/${String(answer['operationId'])}`);
    const [start] = engine.starts;
    expect(start?.workflowId).toBe(`cluster/${subscriptionId}/rg/alpha`);
    expect(start?.args).toEqual([{ clusterId }]);
    expect(start?.order).toMatchObject({ kind: 'provision', requestedBy: { objectId: 'ada' } });
    expect(start?.order.request).toMatchObject({ key: { mode: 'explicit', sizeBits: 3072 } });
  });

  it('repeats the answer for the same key and body', async () => {
    const first = await call('POST /v1/clusters', { key: 'k1', body: provision });
    const again = await call('POST /v1/clusters', { key: 'k1', body: provision });
    expect(again.status).toBe(202);
    expect(again.answer).toEqual(first.answer);
  });

  it('refuses another body under the same key', async () => {
    await call('POST /v1/clusters', { key: 'k1', body: provision });
    const other = { ...provision, capacityGbPerDay: 1000 };
    const { status, answer } = await call('POST /v1/clusters', { key: 'k1', body: other });
    expect({ status, code: answer.code }).toEqual({ status: 422, code: 'idempotency_key_reused' });
  });

  it.each([
    ['no token', { as: '', key: 'k', body: provision }, 401, 'unauthenticated'],
    ['a bad token', { as: 'nobody', key: 'k', body: provision }, 401, 'unauthenticated'],
    ['a reader', { as: 'eve.reader', key: 'k', body: provision }, 403, 'forbidden'],
    [
      'another subscription',
      { as: 'eve.operator+s2', key: 'k', body: provision },
      403,
      'forbidden',
    ],
    ['no key', { body: provision }, 400, 'idempotency_key_missing'],
    ['no JSON', { key: 'k', body: '{"a":' }, 400, 'invalid_request'],
    ['a slip', { key: 'k', body: { ...provision, regoin: 'x' } }, 400, 'invalid_request'],
    ['a huge body', { key: 'k', body: { a: 'x'.repeat(1_100_000) } }, 413, 'invalid_request'],
  ] as const)('refuses %s', async (...[, sent, expected, code]) => {
    const { status, headers, answer } = await call('POST /v1/clusters', sent);
    expect({ status, code: answer.code }).toEqual({ status: expected, code });
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(answer.requestId).toBe(headers.get('x-request-id'));
    expect(answer.remedy).not.toBe('');
    expect(engine.starts).toEqual([]);
  });

  it('asks for a token, and says what is wrong with one', async () => {
    const without = await call('GET /v1/clusters', { as: '' });
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="keyturn"');
    const bad = await call('GET /v1/clusters', { as: 'nobody' });
    expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('names the role that is missing', async () => {
    const sent = { as: 'eve.reader', key: 'k', body: provision };
    const { answer } = await call('POST /v1/clusters', sent);
    expect(answer.detail).toBe('this needs the role operator');
  });
});

describe('PATCH /v1/clusters/{…}', () => {
  const path = `PATCH /v1/clusters/${subscriptionId}/RG/Alpha`;
  const body = { onNewVersion: 'bind' };

  it('tells the entity who wants what, and answers with its card', async () => {
    const card = { id: clusterId, state: 'protected', onNewVersion: 'bind' };
    engine.cards.set(`cluster/${subscriptionId}/rg/alpha`, card);
    const { status, answer } = await call(path, { body });
    expect({ status, answer }).toMatchObject({ status: 200, answer: { onNewVersion: 'bind' } });
    expect(engine.updates).toMatchObject([
      { name: 'changePolicy', args: [{ onNewVersion: 'bind', by: { objectId: 'ada' } }] },
    ]);
  });

  it.each([
    ['a reader', { as: 'eve.reader', body }, 403, 'forbidden'],
    ['another wish', { body: { onNewVersion: 'ignore' } }, 400, 'invalid_request'],
    ['no wish', { body: {} }, 400, 'invalid_request'],
  ] as const)('refuses %s', async (...[, sent, expected, code]) => {
    const { status, answer } = await call(path, sent);
    expect({ status, code: answer.code }).toEqual({ status: expected, code });
    expect(engine.updates).toEqual([]);
  });

  it('knows nothing of a cluster whose entity has ended', async () => {
    engine.hasEnded = true;
    const { status, answer } = await call(path, { body });
    expect({ status, code: answer.code }).toEqual({ status: 404, code: 'cluster_unknown' });
  });
});

describe('GET /v1/clusters/{…}', () => {
  const path = `GET /v1/clusters/${subscriptionId.toUpperCase()}/RG/Alpha`;
  const card = {
    id: clusterId,
    state: 'absent',
    linkedWorkspaces: 0,
    operations: [],
    findings: { top: [], count: 0 },
    deadlines: [],
    seq: 0,
  };

  it('shows the card, whatever the case of the names', async () => {
    engine.cards.set(`cluster/${subscriptionId}/rg/alpha`, { ...card, state: 'protected' });
    const { status, answer } = await call(path, { as: 'eve.reader' });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ id: clusterId, name: 'alpha', state: 'protected' });
  });

  it('knows nothing of a cluster that never came to be', async () => {
    engine.cards.set(`cluster/${subscriptionId}/rg/alpha`, card);
    const { status, answer } = await call(path);
    expect({ status, code: answer.code }).toEqual({ status: 404, code: 'cluster_unknown' });
  });
});
