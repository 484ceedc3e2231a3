import type { Evidence } from '#libs/domain/events.ts';

/** What the resource itself was seen to show. */
export const observed = (claim: string, requestId: string): Evidence => ({
  claim,
  grade: 'observed',
  requestId,
});
