import type { Call } from '../route.ts';
import { badParameter } from './key-faults.ts';
import type { KeyVersion } from './key-documents.ts';

/** The members a key's body may carry on create, import and update. */
export interface KeyBody {
  kty?: string;
  key_size?: number;
  crv?: string;
  key_ops?: string[];
  attributes?: { enabled?: boolean; nbf?: number | null; exp?: number | null };
  tags?: Record<string, string>;
  key?: Record<string, unknown> & { kty?: string; key_ops?: string[] };
  Hsm?: boolean;
}

/** The kinds of those members. */
export const keyBodyShape = {
  kty: 'text',
  key_size: 'number',
  crv: 'text',
  key_ops: ['text'],
  attributes: { enabled: 'flag', nbf: 'number', exp: 'number' },
  tags: 'texts',
  key: { kty: 'text', key_ops: ['text'] },
  Hsm: 'flag',
} as const;

const operations = new Set(
  'encrypt decrypt sign verify wrapKey unwrapKey import export deriveKey'.split(' '),
);

/** Names of keys: letters, digits and hyphens, up to 127. */
export function requireKeyName(name: string): void {
  if (/^[a-z\d-]{1,127}$/i.test(name)) return;
  throw badParameter(`The request URI contains an invalid name: ${name}`);
}

export function readKeyBody(call: Call): KeyBody {
  const { body } = call;
  if (typeof body === 'object' && body !== null) return body;
  if (body === undefined) return {};
  throw badParameter('The request body is malformed.');
}

/** The attributes as sent, in our own units; only what was sent. */
export function readAttributes(
  body: KeyBody,
): Partial<Pick<KeyVersion, 'enabled' | 'notBefore' | 'expires'>> {
  const { enabled, nbf, exp } = body.attributes ?? {};
  if (typeof nbf === 'number' && typeof exp === 'number' && nbf >= exp) {
    throw badParameter('Property attributes.exp must be later than attributes.nbf.');
  }
  return {
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(typeof nbf === 'number' && { notBefore: nbf * 1000 }),
    ...(typeof exp === 'number' && { expires: exp * 1000 }),
  };
}

/** The operations as sent, or those a key of that kind has by default. */
export function readOperations(sent: string[] | undefined, kty: string): string[] {
  if (sent === undefined || sent.length === 0) {
    const signing = ['sign', 'verify'];
    return kty.startsWith('EC')
      ? signing
      : ['encrypt', 'decrypt', ...signing, 'wrapKey', 'unwrapKey'];
  }
  const unknown = sent.find((operation) => !operations.has(operation));
  if (unknown === undefined) return sent;
  throw badParameter(`Property key_ops has an invalid value: ${unknown}`);
}
