import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '#libs/client/problem-error.ts';
import type { Problem } from '#libs/contracts/http/problem.ts';
import { CliError } from '../cli-error.ts';
import { drawError, toErrorDocument, toExitCode } from './error-text.ts';

const plain = pc.createColors(false);

const problemOf = (status: number, code: Problem['code'], rest: Partial<Problem> = {}) =>
  new ProblemError({
    type: 't',
    title: 'No',
    status,
    code,
    detail: 'why',
    remedy: 'do this',
    requestId: 'r-1',
    ...rest,
  });

describe('an error', () => {
  it('of the API is told with reason, remedy and its id', () => {
    expect(drawError(problemOf(409, 'cluster_busy'), plain)).toEqual([
      'error: No: why',
      'do this',
      'cluster_busy, request r-1',
    ]);
  });

  it('of a request is told field by field', () => {
    const problems = [
      { field: 'key.name', rule: 'R30', message: 'is missing', remedy: 'Give it.' },
      { field: 'onExisting', message: 'is odd', remedy: 'Leave it out.' },
    ];
    expect(drawError(problemOf(400, 'invalid_request', { problems }), plain)).toEqual([
      'error: No',
      '  key.name is missing (R30)',
      '      Give it.',
      '  onExisting is odd',
      '      Leave it out.',
      'do this',
      'invalid_request, request r-1',
    ]);
  });

  it('of the command line says what would help', () => {
    const error = new CliError('it is away', 7, 'Repeat.');
    expect(drawError(error, plain)).toEqual(['error: it is away', 'Repeat.']);
    expect(toErrorDocument(error)).toEqual({
      exitCode: 7,
      detail: 'it is away',
      remedy: 'Repeat.',
    });
  });

  it('that nobody expected is told with its causes', () => {
    const error = new Error('reading the answer', { cause: new Error('no such member') });
    expect(drawError(error, plain)).toEqual(['error: reading the answer: no such member']);
    expect(toExitCode(error)).toBe(1);
  });

  it('for programs is the problem itself', () => {
    const error = problemOf(409, 'cluster_busy');
    expect(toErrorDocument(error)).toBe(error.problem);
  });

  it.each([
    [400, 'invalid_request', 2],
    [404, 'operation_unknown', 2],
    [422, 'invalid_request', 2],
    [422, 'idempotency_key_reused', 2],
    [409, 'plan_changed', 3],
    [422, 'region_mismatch', 3],
    [401, 'unauthenticated', 6],
    [403, 'forbidden', 6],
    [503, 'engine_unavailable', 7],
    [500, 'internal_error', 1],
  ] as const)('with status %i and code %s ends with %i', (status, code, exitCode) => {
    expect(toExitCode(problemOf(status, code))).toBe(exitCode);
  });
});
