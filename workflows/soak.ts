import type { Done, Work } from './work.ts';

/** Storage may use what it has unwrapped for a while (R154): nothing is said before that is over. */
export async function soak(work: Pick<Work, 'rest'>, soakMs: number): Promise<Done> {
  if (soakMs === 0) return { detail: 'none, as asked' };
  await work.rest({
    step: 'soak',
    reason: 'soak',
    detail: 'the old version stays enabled meanwhile',
    wakeAt: Date.now() + soakMs,
    known: true,
  });
  return { detail: `over since ${new Date().toISOString()}` };
}
