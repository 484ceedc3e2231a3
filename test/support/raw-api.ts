import { problem, problemMediaType, type Problem } from '#libs/contracts/http/problem.ts';

export interface RawRequest {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  /** Idempotency-Key. */
  readonly key?: string;
  /** Sent as it is. */
  readonly body?: string;
}

/** Asks the API as the typed client never would. */
export async function askApi(baseUrl: string, request: RawRequest): Promise<Response> {
  const { method = 'GET', path, token, key, body } = request;
  return await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
}

/** The problem that an answer tells. @throws when it is none */
export async function problemIn(answer: Response): Promise<Problem> {
  const type = answer.headers.get('content-type');
  if (type?.split(';')[0] !== problemMediaType) throw new Error(`reading a problem: it is ${type}`);
  const read = problem.parse(await answer.json());
  if (read.status !== answer.status) {
    throw new Error(`reading a problem: it says ${read.status}, the answer ${answer.status}`);
  }
  return read;
}
