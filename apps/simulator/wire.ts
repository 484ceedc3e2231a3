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
  /** Text of the body; a compressed one is unpacked. Empty where it was too large to be kept. */
  readonly rawBody: string;
  /** Set when the body is larger than any service takes. */
  readonly oversized?: true;
  readonly requestId: string;
  /** The caller's, or the request's own id. */
  readonly correlationId: string;
}

/** Reads a request to its end. Rejects when the client goes away first. */
export async function readWire(request: IncomingMessage): Promise<Wire> {
  const received = await readBody(request);
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
    ...textOf(received, headers['content-encoding']),
    requestId,
    correlationId: headers['x-ms-correlation-request-id'] ?? requestId,
  };
}

/** What Resource Manager takes in one request (ARM limits page); nothing played here takes more. */
const LARGEST_BODY = 4 * 1_048_576;
/** How deep Azure's own reader follows a body. */
const DEEPEST_BODY = 128;

/** The body, read to its end; undefined when there was too much of it to be kept. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= LARGEST_BODY) chunks.push(chunk as Buffer);
  }
  return size <= LARGEST_BODY ? Buffer.concat(chunks) : undefined;
}

function textOf(
  received: Buffer | undefined,
  encoding: string | undefined,
): Pick<Wire, 'rawBody' | 'oversized'> {
  if (received === undefined) return { rawBody: '', oversized: true };
  return { rawBody: unpacked(received, encoding).toString('utf8') };
}

/** A body that says it is compressed and is not, or is too large, stays as it came: no service can read it. */
function unpacked(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding?.toLowerCase() !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_BODY });
  } catch {
    return body;
  }
}

/** Parsed JSON or form; undefined for an empty, malformed or bottomless body. */
export function parseBody(wire: Wire): unknown {
  if (wire.rawBody === '') return undefined;
  if (/x-www-form-urlencoded/iu.test(wire.headers['content-type'] ?? '')) {
    return Object.fromEntries(new URLSearchParams(wire.rawBody));
  }
  if (isBottomless(wire.rawBody)) return undefined;
  try {
    return JSON.parse(wire.rawBody) as unknown;
  } catch {
    return undefined;
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** Whether brackets, texts aside, are open deeper than a reader follows. */
function isBottomless(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) inText = !inText;
    else if (inText) index += code === BACKSLASH ? 1 : 0;
    else if (OPENING.includes(code)) depth += 1;
    else if (CLOSING.includes(code)) depth -= 1;
    if (depth > DEEPEST_BODY) return true;
  }
  return false;
}
