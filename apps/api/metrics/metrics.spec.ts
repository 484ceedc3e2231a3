import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { engine, events, operationId, resetEngine, startApi } from '../api-under-test.ts';
import type { ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(resetEngine);
afterAll(() => api.app.close());

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** What is counted under a name with its labels; 0 when nothing is. */
async function counted(name: string): Promise<number> {
  const response = await fetch(`${api.baseUrl}/metrics`, as('eve.reader'));
  const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('the metrics of the API', () => {
  it('are for readers, in the format of Prometheus', async () => {
    expect((await fetch(`${api.baseUrl}/metrics`)).status).toBe(401);
    const response = await fetch(`${api.baseUrl}/metrics`, as('eve.reader'));
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/u);
    expect(await response.text()).toContain('# TYPE process_cpu_seconds_total counter');
  });

  it('count requests by route and status, and never by what stands in an address', async () => {
    const name = 'keyturn_http_requests_total{method="GET",route';
    const read = `${name}="/v1/operations/:id",status="200"}`;
    const refused = `${name}="/v1/operations/:id",status="401"}`;
    const before = [await counted(read), await counted(refused)];
    const url = `${api.baseUrl}/v1/operations/${operationId}`;
    await (await fetch(url, as('eve.reader'))).text();
    await (await fetch(url)).text();
    await (await fetch(`${api.baseUrl}/secret-name`, as('eve.reader'))).text();
    await vi.waitFor(async () => {
      expect([await counted(read), await counted(refused)]).toEqual(before.map((n) => n + 1));
      expect(await counted(`${name}="none",status="404"}`)).toBe(1);
    });
  });

  it('count calls to the engine and how they ended', async () => {
    await (await fetch(`${api.baseUrl}/health/ready`)).text();
    const call = 'keyturn_engine_calls_total{method="DescribeNamespace"}';
    const failed =
      'keyturn_engine_call_seconds_count{method="DescribeNamespace",code="UNAVAILABLE"}';
    expect(await counted(call)).toBeGreaterThan(0);
    expect(await counted(failed)).toBe(await counted(call));
  });

  it('show how many operations wait for a person, unless the engine cannot tell', async () => {
    const name = 'keyturn_operations_waiting_for_person{state';
    expect(await counted(`${name}="attention"}`)).toBe(2);
    engine.isAway = true;
    const response = await fetch(`${api.baseUrl}/metrics`, as('eve.reader'));
    expect(response.status).toBe(200);
    expect(await response.text()).not.toContain(name);
  });

  it('show how many streams are open', async () => {
    engine.running.set(`operation/${operationId}`, events.slice(0, 1));
    const gone = new AbortController();
    const url = `${api.baseUrl}/v1/operations/${operationId}/events`;
    await fetch(url, { ...as('eve.reader'), signal: gone.signal });
    expect(await counted('keyturn_event_streams_open')).toBe(1);
    gone.abort();
    await vi.waitFor(async () => expect(await counted('keyturn_event_streams_open')).toBe(0));
  });
});
