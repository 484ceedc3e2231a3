import { describe, expect, it } from 'vitest';
import { reaching } from './reach.ts';
import { Unreachable } from './unreachable.ts';

const through = (answer: () => Promise<Response>) =>
  reaching(answer, 'the API')('http://api/').catch((error: unknown) => error);

describe('reaching', () => {
  it('passes answers on, a problem of the API included', async () => {
    const problem = Response.json({}, { status: 503 });
    expect(await through(async () => problem)).toBe(problem);
  });

  it('tells why there was no connection', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const error = await through(() => Promise.reject(new TypeError('fetch failed', { cause })));
    expect(error).toBeInstanceOf(Unreachable);
    expect(String(error)).toContain('the API cannot be reached: connect ECONNREFUSED');
  });

  it('tells of every address that was tried', async () => {
    const cause = new AggregateError([new Error('no v6'), new Error('no v4')]);
    const error = await through(() => Promise.reject(new TypeError('fetch failed', { cause })));
    expect(String(error)).toContain('no v6, no v4');
  });

  it('takes the answer of a gateway for absence', async () => {
    const error = await through(async () => new Response('<html>', { status: 502 }));
    expect(error).toBeInstanceOf(Unreachable);
  });

  it('leaves an interruption what it is', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const send = reaching(() => Promise.reject(new Error('aborted')), 'the API');
    await expect(send('http://api/', { signal: abort.signal })).rejects.toThrow('aborted');
  });
});
