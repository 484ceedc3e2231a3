import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StretchTooLong, type ChainStretch } from '#libs/ledger/ledger.ts';
import {
  clusterId,
  engine,
  operationId,
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

const hash = 'a'.repeat(64);
const stretch: ChainStretch = {
  chain: clusterId.toLowerCase(),
  length: 3,
  head: hash,
  before: hash,
  links: [{ position: 2, hash, text: '{"a":1}' }],
};
const ofOperation = `GET /v1/operations/${operationId}/evidence`;
const ofCluster = (query: string) =>
  `GET /v1/clusters/${subscriptionId}/rg/alpha/evidence?${query}`;
const january = 'from=2026-01-01T00:00:00Z&to=2026-02-01T01:00:00%2B01:00';

describe('evidence', () => {
  it('of an operation is handed out to readers', async () => {
    engine.stretch = async () => stretch;
    const { status, answer } = await api.call(ofOperation, { as: 'eve.reader' });
    expect({ status, answer }).toEqual({
      status: 200,
      answer: {
        format: 'keyturn-evidence-1',
        madeAt: expect.any(String),
        operationId,
        chain: { name: clusterId.toLowerCase(), length: 3, head: hash },
        before: hash,
        links: [{ position: 2, hash, event: '{"a":1}' }],
        seal: expect.stringMatching(/^[0-9a-f]{64}$/u),
      },
    });
  });

  it('of a cluster is asked for by a period, in whatever time zone', async () => {
    const asked: unknown[] = [];
    engine.stretch = async (of) => {
      asked.push(of);
      return stretch;
    };
    const { answer } = await api.call(ofCluster(january), { as: 'eve.reader' });
    const period = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
    expect(answer).toMatchObject(period);
    expect(asked).toEqual([{ chain: clusterId, ...period }]);
  });

  it.each([ofOperation, ofCluster(january)])(
    'is out of reach of a reader of another subscription: %s',
    async (route) => {
      engine.stretch = async () => stretch;
      expect((await api.call(route, { as: 'eve.reader+s2' })).status).toBe(403);
    },
  );

  it.each([ofOperation, ofCluster(january)])('that is not there is told so: %s', async (route) => {
    const { status, answer } = await api.call(route);
    expect({ status, code: answer.code }).toEqual({ status: 404, code: 'evidence_absent' });
  });

  it('that is too long is refused', async () => {
    engine.stretch = async () => {
      throw new StretchTooLong(9_000, 5_000);
    };
    const { status, answer } = await api.call(ofCluster(january));
    expect({ status, code: answer.code }).toEqual({ status: 422, code: 'evidence_too_long' });
  });

  it.each([
    ['no period', '', 'from'],
    ['a day without a time', 'from=2026-01-01&to=2026-02-01T00:00:00Z', 'from'],
    ['a period that runs backwards', 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
  ])('is refused for %s', async (...[, query, field]) => {
    const { status, answer } = await api.call(ofCluster(query));
    expect(status).toBe(400);
    expect(answer.problems?.map((problem) => problem.field)).toContain(field);
  });
});
