import type { ExitCode } from './exit-codes.ts';

/** An end that was to be expected: what happened, what would help, and the exit code for scripts. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;

  constructor(message: string, exitCode: ExitCode, remedy?: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}
