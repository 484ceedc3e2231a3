import { createHash } from 'node:crypto';
import type { Caller } from '../http/caller.ts';
import type { RequestKey } from '../http/request-key.ts';
import { sha256 } from '../http/request-key.ts';

/** Keyturn's own namespace of names (RFC 9562, 5.5); changing it would break every repeated request. */
const namespace = '8b0f6c1e-5d0a-4c56-9a53-6f0e7f6b7c11';

/** The id under which the engine knows a request: the same for the same tenant, caller and key. */
export const updateIdOf = (caller: Caller, { key }: RequestKey): string =>
  sha256(JSON.stringify([caller.tenantId, caller.person.objectId, key]));

/**
 * The id of an answer to an operation. Action and body are part of it: the engine answers a known id
 * without looking at the message, and a "reject" must never be answered by an earlier "approve".
 */
export const answerIdOf = (caller: Caller, request: RequestKey, action: string): string =>
  sha256(JSON.stringify([updateIdOf(caller, request), action, request.bodyHash]));

/** The id of the operation that a request makes on an entity; repeating the request repeats the id. */
export const operationIdOf = (entityId: string, updateId: string): string =>
  uuidOf(uuidOf(namespace, entityId), updateId);

/** A UUID of version 5: the same name in the same namespace gives the same UUID. */
export function uuidOf(space: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join('-');
}
