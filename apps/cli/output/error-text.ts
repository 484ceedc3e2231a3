import { StreamCut } from '#libs/client/event-stream.ts';
import { ProblemError } from '#libs/client/problem-error.ts';
import { CliError } from '../cli-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { Unreachable } from '../session/unreachable.ts';
import type { Colours } from './terminal.ts';

/** An error for people: what, why, for each field what and why, and what to do. */
export function drawError(error: unknown, colours: Colours): string[] {
  const mark = colours.red('error:');
  if (error instanceof ProblemError) {
    const { title, detail, remedy, problems = [], code, requestId } = error.problem;
    const remedies = new Set(problems.map((problem) => problem.remedy));
    return [
      `${mark} ${title}${remedies.size > 0 && code === 'invalid_request' ? '' : `: ${detail}`}`,
      ...problems.flatMap(({ field, rule, message, remedy: cure }) => [
        `  ${colours.bold(field)} ${message}${rule === undefined ? '' : ` (${rule})`}`,
        `      ${cure}`,
      ]),
      ...(remedies.has(remedy) ? [] : [remedy]),
      colours.dim(`${code}, request ${requestId}`),
    ];
  }
  if (error instanceof CliError || error instanceof Unreachable) {
    return [`${mark} ${error.message}`, ...(error.remedy === undefined ? [] : [error.remedy])];
  }
  return [`${mark} ${messagesOf(error).join(': ')}`];
}

/** The same for programs. */
export function toErrorDocument(error: unknown): object {
  if (error instanceof ProblemError) return error.problem;
  const isOwn = error instanceof CliError || error instanceof Unreachable;
  const remedy = isOwn ? error.remedy : undefined;
  const detail = messagesOf(error).join(': ');
  return { exitCode: toExitCode(error), detail, ...(remedy !== undefined && { remedy }) };
}

/** What scripts are told of an error. */
export function toExitCode(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof Unreachable || error instanceof StreamCut) return exitCodes.unavailable;
  if (error instanceof ProblemError) return ofProblem(error.problem);
  return exitCodes.unexpected;
}

const invalidCodes = ['invalid_request', 'idempotency_key_missing', 'idempotency_key_reused'];

function ofProblem({ status, code }: ProblemError['problem']): ExitCode {
  if (status === 401 || status === 403) return exitCodes.forbidden;
  if (status === 400 || status === 404 || invalidCodes.includes(code)) return exitCodes.invalid;
  if (status === 429 || status === 503) return exitCodes.unavailable;
  return status >= 500 ? exitCodes.unexpected : exitCodes.refused;
}

function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...(error.cause instanceof Error ? messagesOf(error.cause) : [])];
}
