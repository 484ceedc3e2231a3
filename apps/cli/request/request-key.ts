import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Memory } from '../session/memory.ts';

/** How the key of a request is chosen. */
export interface KeyChoice {
  readonly key?: string | undefined;
  readonly again?: boolean | undefined;
}

/**
 * The Idempotency-Key of a request: the one given; or one made of the request itself, so that the same
 * command repeated, for whatever reason, is answered with the same operation; or with `again`, a new
 * one, which is kept so that repeating stays safe from then on.
 */
export function chooseKey(
  request: object,
  { key, again = false }: KeyChoice,
  memory: Pick<Memory, 'keyFor' | 'rememberKey'>,
): string {
  if (key !== undefined) return key;
  const hash = createHash('sha256')
    .update(canonicalize(request) ?? '')
    .digest('hex');
  if (!again) return memory.keyFor(hash) ?? `request-${hash}`;
  const fresh = `request-${hash}-${crypto.randomUUID()}`;
  memory.rememberKey(hash, fresh);
  return fresh;
}
