import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** A request as it came over the wire. */
export interface Wire {
  readonly method: string;
  /** Host asked for, lower case, without port. */
  readonly host: string;
  /** Scheme, host and port as asked for, where that is not `https://HOST`. */
  readonly origin?: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  /** Path with doubled slashes collapsed. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Record<string, string>;
  /** Text of the body; a compressed one is unpacked. */
  readonly rawBody: string;
  readonly requestId: string;
  /** The caller's, or the request's own id. */
  readonly correlationId: string;
}

/** Reads a request to its end. Rejects when the client goes away first. */
export async function readWire(request: IncomingMessage): Promise<Wire> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const target = request.url ?? '/';
  const [rawPath = '/', ...query] = target.split('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const requestId = randomUUID();
  return {
    method: request.method ?? 'GET',
    host: (headers['host'] ?? '').toLowerCase().replace(/:\d+$/u, ''),
    target,
    path: rawPath.replaceAll(/\/{2,}/gu, '/'),
    query: new URLSearchParams(query.join('?')),
    headers,
    rawBody: unpacked(Buffer.concat(chunks), headers['content-encoding']).toString('utf8'),
    requestId,
    correlationId: headers['x-ms-correlation-request-id'] ?? requestId,
  };
}

/** More than any Azure service played here takes in one request. */
const LARGEST_BODY = 32 * 1_048_576;

/** A body that says it is compressed and is not stays as it came: no service can read it. */
function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding?.toLowerCase() !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_BODY });
  } catch {
    return body;
  }
}

/** Parsed JSON or form; undefined for an empty or malformed body. */
export function parseBody(wire: Wire): unknown {
  if (wire.rawBody === '') return undefined;
  if (/x-www-form-urlencoded/iu.test(wire.headers['content-type'] ?? '')) {
    return Object.fromEntries(new URLSearchParams(wire.rawBody));
  }
  try {
    return JSON.parse(wire.rawBody) as unknown;
  } catch {
    return undefined;
  }
}
