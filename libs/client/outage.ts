import { StreamCut } from './event-stream.ts';
import { ProblemError } from './problem-error.ts';

/** Whether the API, or Temporal behind it, is away for now; fetch says `TypeError` when nobody answers. */
export const isOutage = (error: unknown): boolean =>
  error instanceof StreamCut ||
  error instanceof TypeError ||
  (error instanceof ProblemError && error.problem.status === 503);

/** How long to leave it alone then, ms: as it says itself, else as long as is usual. */
export const pauseAfter = (error: unknown, usualMs: number): number =>
  error instanceof ProblemError ? (error.retryAfterSeconds ?? 1) * 1000 : usualMs;
