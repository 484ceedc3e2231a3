import { describe, expect, it } from 'vitest';
import type { Ending } from '../processes/child.ts';
import { Crew } from './crew.ts';

const ending: Ending = { code: 7, signal: null, lastLines: ['out of memory'] };

function createMember(name: string, stopped: string[] = []) {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const stop = async () => {
    stopped.push(name);
    resolve(ending);
  };
  return { name, ended: promise, stop, end: () => resolve(ending) };
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([promise, Promise.resolve('open')])) !== 'open';

describe('a crew', () => {
  it('stops the last to come first', async () => {
    const stopped: string[] = [];
    const crew = new Crew();
    for (const name of ['temporal', 'worker', 'api']) void crew.add(createMember(name, stopped));
    await crew.stop();
    expect(stopped).toEqual(['api', 'worker', 'temporal']);
  });

  it('is broken by the first that ends unasked, with its last words', async () => {
    const crew = new Crew();
    const worker = createMember('worker');
    void crew.add(worker);
    worker.end();
    expect((await crew.broken).message).toBe(
      'the worker ended with code 7; its last lines:\n    out of memory',
    );
  });

  it('is not broken by being stopped', async () => {
    const crew = new Crew();
    const added = crew.add(createMember('worker'));
    await crew.stop();
    await added;
    expect(await isSettled(crew.broken)).toBe(false);
  });

  it('lets a member go that was dismissed', async () => {
    const crew = new Crew();
    const worker = createMember('worker');
    const added = crew.add(worker);
    crew.dismiss(worker);
    worker.end();
    await added;
    expect(await isSettled(crew.broken)).toBe(false);
  });
});
