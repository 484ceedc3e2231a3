import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ApiRequest } from './exchange.ts';
import { Refused } from './refused.ts';

/** What makes a request the same request when it is sent again. */
export interface RequestKey {
  /** The Idempotency-Key the caller chose. */
  readonly key: string;
  /** sha256 (hex) of the raw body in canonical form (RFC 8785). */
  readonly bodyHash: string;
}

/** Reads a request's key; throws `idempotency_key_missing` when it has none that can be used. */
export function readRequestKey(request: Pick<ApiRequest, 'headers' | 'body'>): RequestKey {
  const header = request.headers['idempotency-key'];
  // Long enough for any UUID or ULID with a prefix, short enough for a log line.
  if (typeof header !== 'string' || !/^[\u0021-\u007e]{1,255}$/u.test(header)) {
    throw new Refused({
      code: 'idempotency_key_missing',
      reason: 'an Idempotency-Key of 1 to 255 visible characters is needed on every POST',
    });
  }
  return { key: header, bodyHash: sha256(canonicalize(request.body ?? {}) ?? '') };
}

/** sha256 as hexadecimal text. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
