import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { inTurn, updatesAtOnce } from './in-turn.ts';

/** Sends that end when they are told to. */
function held(count: number, workflowId: (index: number) => string) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const sends = Array.from({ length: count }, async (_, index) =>
    inTurn(workflowId(index), async () => {
      begun.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      return index;
    }),
  );
  return { begun, ends, sends };
}

describe('updates of one workflow', () => {
  it('are sent a few at a time, in order', async () => {
    const { begun, ends, sends } = held(updatesAtOnce + 2, () => 'cluster/one');
    await expect.poll(() => begun).toEqual([0, 1, 2, 3, 4]);
    ends[0]?.();
    await sends[0];
    await expect.poll(() => begun).toEqual([0, 1, 2, 3, 4, 5]);
    for (const end of ends) end();
    await expect.poll(() => begun.length).toBe(updatesAtOnce + 2);
    for (const end of ends) end();
    expect(await Promise.all(sends)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('do not wait for those of others', async () => {
    const { begun, ends, sends } = held(3 * updatesAtOnce, (index) => `cluster/${index}`);
    await expect.poll(() => begun.length).toBe(3 * updatesAtOnce);
    for (const end of ends) end();
    await Promise.all(sends);
  });

  it('go on when one fails', async () => {
    const failing = Array.from({ length: updatesAtOnce }, async () =>
      inTurn('cluster/bad', async () => Promise.reject(new Error('no'))),
    );
    const next = inTurn('cluster/bad', async () => Promise.resolve('yes'));
    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(
      Array(updatesAtOnce).fill('rejected'),
    );
    expect(await next).toBe('yes');
  });

  it('keep the context of their own caller, which holds the deadline', async () => {
    const context = new AsyncLocalStorage<number>();
    const seen = Array.from({ length: updatesAtOnce + 1 }, async (_, caller) =>
      context.run(caller, async () =>
        inTurn('cluster/ctx', async () => Promise.resolve(context.getStore())),
      ),
    );
    expect(await Promise.all(seen)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
