import { describe, expect, it } from 'vitest';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { createClient } from './client.ts';
import { ProblemError } from './problem-error.ts';
import { watchOperation } from './watch-operation.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A client of an API that gives the answers in turn. */
function clientOf(...answers: readonly Response[]) {
  const asked: Asked[] = [];
  const left = [...answers];
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: await request.text() });
    const answer = left.shift();
    if (answer === undefined) throw new Error('asking once more than expected');
    return answer;
  };
  const token = () => Promise.resolve('secret');
  return { asked, client: createClient({ baseUrl: 'http://api/', token, fetch: send }) };
}

const operation = (seq: number, changes: Partial<OperationView> = {}): OperationView => ({
  id: 'o1',
  kind: 'provision',
  cluster: 'c',
  state: 'running',
  steps: [],
  findings: [],
  requestedBy: { objectId: 'ada', name: 'Ada' },
  requestedAt: '2026-01-01T00:00:00.000Z',
  seq,
  ...changes,
});

const problem = (status: number, code: string) =>
  Response.json(
    { type: 't', title: 'No', status, code, detail: 'why', remedy: 'wait', requestId: 'r' },
    { status, headers: { 'retry-after': '0' } },
  );

describe('the client', () => {
  it('reads evidence as it was handed out', async () => {
    const hash = 'a'.repeat(64);
    const evidence = {
      format: 'keyturn-evidence-1',
      madeAt: '2026-01-02T00:00:00.000Z',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      chain: { name: 'c', length: 1, head: hash },
      before: hash,
      links: [{ position: 1, hash, event: '{}' }],
      seal: hash,
    };
    const { asked, client } = clientOf(Response.json(evidence));
    const cluster = { subscriptionId: 's', resourceGroup: 'g', name: 'n' };
    const { from, to } = evidence;
    const read = await client.readClusterEvidence(cluster, { from, to });
    expect(JSON.stringify(read)).toBe(JSON.stringify(evidence));
    expect(asked[0]?.url).toBe(
      `http://api/v1/clusters/s/g/n/evidence?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
    );
  });

  it('sends token, key and body', async () => {
    const ticket = { operationId: 'o1', location: '/v1/operations/o1' };
    const { asked, client } = clientOf(Response.json(ticket, { status: 202 }));
    const body = {
      cluster: { subscriptionId: 's', resourceGroup: 'g', name: 'n' },
      region: 'westeurope',
      capacityGbPerDay: 500,
      key: { vaultId: 'v', name: 'k', source: 'generate' as const },
    };
    expect(await client.provisionCluster(body, { idempotencyKey: 'key-1' })).toEqual(ticket);
    expect(asked[0]).toMatchObject({ method: 'POST', url: 'http://api/v1/clusters' });
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer secret');
    expect(asked[0]?.headers.get('idempotency-key')).toBe('key-1');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual(body);
  });

  it('makes a key of its own for each answer', async () => {
    const { asked, client } = clientOf(Response.json(operation(1)), Response.json(operation(2)));
    await client.cancelOperation('o1', { reason: 'enough' });
    await client.approveOperation('o1', 'hash');
    const keys = asked.map(({ headers }) => headers.get('idempotency-key'));
    expect(new Set(keys).size).toBe(2);
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([
      { reason: 'enough' },
      { planHash: 'hash' },
    ]);
  });

  it('encodes what stands in an address', async () => {
    const { asked, client } = clientOf(Response.json({ items: [], next: 'n' }));
    expect(await client.listOperations({ cluster: '/a b', limit: 5 })).toMatchObject({ next: 'n' });
    expect(asked[0]?.url).toBe('http://api/v1/operations?cluster=%2Fa+b&limit=5');
  });

  it('throws the problem that is answered', async () => {
    const { client } = clientOf(problem(404, 'operation_unknown'));
    const error: unknown = await client.readOperation('o1').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ problem: { code: 'operation_unknown' }, message: 'No: why' });
  });

  it('says the status when something in between answers', async () => {
    const { client } = clientOf(new Response('<html>', { status: 502 }));
    await expect(client.readOperation('o1')).rejects.toThrow('status 502');
  });

  it('does not take an answer that is not of the contract', async () => {
    const { client } = clientOf(Response.json({ id: 'o1' }));
    await expect(client.readOperation('o1')).rejects.toThrow('reading the answer');
  });
});

describe('watching an operation', () => {
  const outcome = { result: 'succeeded', summary: 's', findings: [], evidence: [] } as const;

  it('yields each change until the end, and sits out an outage', async () => {
    const { client } = clientOf(
      Response.json(operation(1)),
      Response.json(operation(1)),
      problem(503, 'engine_unavailable'),
      Response.json(operation(2)),
      Response.json(operation(5, { state: 'succeeded', outcome })),
    );
    const seen: number[] = [];
    for await (const { seq } of watchOperation(client, 'o1', { intervalMs: 0 })) seen.push(seq);
    expect(seen).toEqual([1, 2, 5]);
  });

  it('waits for an API that cannot be reached, as long as its patience lasts', async () => {
    const unreachable = new TypeError('fetch failed');
    const answers = [unreachable, operation(3), unreachable];
    const readOperation = async () => {
      const answer = answers.shift() ?? unreachable;
      if (answer instanceof Error) throw answer;
      return Promise.resolve(answer);
    };
    const watching = { intervalMs: 0, patienceMs: 500 };
    const seen: number[] = [];
    const watch = async () => {
      for await (const { seq } of watchOperation({ readOperation }, 'o1', watching)) seen.push(seq);
    };
    await expect(watch()).rejects.toBe(unreachable);
    expect(seen).toEqual([3]);
  });

  it('ends with any other problem', async () => {
    const { client } = clientOf(problem(403, 'forbidden'));
    await expect(watchOperation(client, 'o1').next()).rejects.toBeInstanceOf(ProblemError);
  });
});
