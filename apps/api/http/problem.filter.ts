import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Problem } from '#libs/contracts/http/problem.ts';
import { problemMediaType } from '#libs/contracts/http/problem.ts';
import { refusalCodes } from '#libs/domain/refusal-codes.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { Refused } from './refused.ts';
import { statusOf } from './statuses.ts';

/** The one place where an error becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('ProblemFilter');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const response = http.getResponse<ApiResponse>();
    const { refused, status } = toRefused(error);
    if (status >= 500) this.logger.error({ err: refused.cause ?? error, code: refused.code });
    if (response.headersSent) return;
    for (const [name, value] of Object.entries(headersFor(refused, request)))
      response.setHeader(name, value);
    response.status(status).send(JSON.stringify(toProblem(refused, status, request.id)));
  }
}

/** The body of the answer to a refusal. */
export function toProblem(refused: Refused, status: number, requestId: string): Problem {
  const { code, field, message, details } = refused;
  const { title, remedy } = refusalCodes[code];
  const problems =
    details.problems ?? (field === undefined ? undefined : [{ field, message, remedy }]);
  return {
    type: `urn:keyturn:problem:${code}`,
    title,
    status,
    code,
    detail: message,
    remedy,
    ...(problems !== undefined && { problems: [...problems] }),
    requestId,
  };
}

function toRefused(error: unknown): { refused: Refused; status: number } {
  if (error instanceof Refused) {
    const status = error.details.malformed === true ? 400 : statusOf(error.code);
    return { refused: error, status };
  }
  const status = statusIn(error);
  if (status === 404) {
    const refused = new Refused({ code: 'not_found', reason: 'no route has this address' });
    return { refused, status };
  }
  if (status !== undefined && status >= 400 && status < 500) {
    const refused = new Refused({ code: 'invalid_request', reason: unreadable(status) });
    return { refused, status };
  }
  // What went wrong is for the log: an error's text may hold more than the caller should see.
  const reason = 'the request could not be answered; the log has the reason under this requestId';
  const refused = new Refused({ code: 'internal_error', reason }, { cause: error });
  return { refused, status: statusOf('internal_error') };
}

/** The status of an error of the framework, or of its body parser, whose errors carry one. */
function statusIn(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

function unreadable(status: number): string {
  if (status === 413) return 'the body is larger than 1 MB';
  if (status === 415) return 'the body is in a form or encoding that is not read here';
  return 'the body of the request is not well-formed JSON';
}

function headersFor(refused: Refused, request: ApiRequest): Record<string, string> {
  const { code, details, message } = refused;
  const headers: Record<string, string> = { 'content-type': problemMediaType };
  if (details.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(details.retryAfterSeconds);
  }
  if (code === 'unauthenticated') {
    // RFC 6750, 3.1: a request without a token is told how to ask, not what was wrong.
    const why = `, error="invalid_token", error_description="${message}"`;
    const hasToken = request.headers['authorization'] !== undefined;
    headers['www-authenticate'] = `Bearer realm="keyturn"${hasToken ? why : ''}`;
  }
  return headers;
}
