import { v5 } from 'uuid';
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
  v5(updateId, v5(entityId, namespace));
