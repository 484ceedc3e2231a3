import type { Problem } from '#libs/contracts/http/problem.ts';

/** The API said no, and why. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** When to try again, if the API said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
