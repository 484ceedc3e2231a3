import type { z } from 'zod';
import { eventStreamMediaType } from '#libs/contracts/http/event-views.ts';
import { problem } from '#libs/contracts/http/problem.ts';
import { ProblemError } from './problem-error.ts';

/** Where the API is and who calls. */
export interface ClientOptions {
  readonly baseUrl: string;
  /** Gives a bearer token; asked before every request, so that it can be renewed. */
  readonly token: () => Promise<string>;
  readonly fetch?: typeof fetch;
}

export interface Exchange<S extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** From the root, with encoded parts. */
  readonly path: string;
  /** What the answer must be like. */
  readonly answer: S;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Sends a request and reads the answer by its schema. Throws `ProblemError` for every other answer. */
export type Send = <S extends z.ZodType>(exchange: Exchange<S>) => Promise<z.output<S>>;

/** A way to the API over fetch. */
export function createTransport(options: ClientOptions): Send {
  const send = options.fetch ?? fetch;
  return async (exchange) => {
    const { method, path, answer, body, signal } = exchange;
    const response = await send(toUrl(options.baseUrl, exchange), {
      method,
      headers: headersOf(exchange, await options.token()),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    const text = await response.text();
    if (!response.ok) throw toError(response, text);
    const read = answer.safeParse(parseJson(text));
    if (!read.success)
      throw new Error(`reading the answer to ${method} ${path}`, { cause: read.error });
    return read.data;
  };
}

/** A request for a stream of events. */
export interface Listening {
  /** From the root, with encoded parts. */
  readonly path: string;
  /** Number of the last event seen; 0 for none. */
  readonly after: number;
  readonly signal?: AbortSignal;
}

/** Opens a stream; undefined when nothing comes any more. Throws `ProblemError` for every other answer. */
export type Listen = (listening: Listening) => Promise<ReadableStream<Uint8Array> | undefined>;

/** A way to the API's streams over fetch. */
export function createListening(options: ClientOptions): Listen {
  const send = options.fetch ?? fetch;
  return async ({ path, after, signal }) => {
    const response = await send(toUrl(options.baseUrl, { path }), {
      headers: {
        accept: `${eventStreamMediaType}, application/problem+json`,
        authorization: `Bearer ${await options.token()}`,
        ...(after > 0 && { 'last-event-id': String(after) }),
      },
      ...(signal !== undefined && { signal }),
    });
    if (!response.ok) throw toError(response, await response.text());
    return response.status === 204 || response.body === null ? undefined : response.body;
  };
}

function toUrl(
  baseUrl: string,
  { path, query = {} }: Pick<Exchange<z.ZodType>, 'path' | 'query'>,
): URL {
  const url = new URL(`${baseUrl.replace(/\/+$/u, '')}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function headersOf({ body, idempotencyKey }: Exchange<z.ZodType>, token: string) {
  return {
    accept: 'application/json, application/problem+json',
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
}

/** A gateway in between may answer without a problem; then the status is all there is to say. */
function toError(response: Response, text: string): Error {
  const read = problem.safeParse(parseJson(text));
  if (!read.success) return new Error(`calling ${response.url}: status ${response.status}`);
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ProblemError(read.data, Number.isFinite(retryAfter) ? retryAfter : undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
