import type { Answer, Call } from '../route.ts';
import { isWrapAlgorithm, unwrapWith, wrapWith } from './key-crypto.ts';
import { kidOf, privateKeyOf } from './key-documents.ts';
import { badParameter } from './key-faults.ts';
import { refuseUse } from './key-state.ts';
import { requireVersion } from './read-keys.ts';
import type { KeyOperation } from './vault-door.ts';
import type { Vault } from './vault-documents.ts';

type Use = 'wrapKey' | 'unwrapKey';

/** Wrapping and unwrapping, on a version or on the latest one. */
export const useOperations: readonly KeyOperation[] = (['wrapKey', 'unwrapKey'] as const).flatMap(
  (use) => {
    const isWrap = use === 'wrapKey';
    const rest = {
      method: 'POST',
      audit: isWrap ? 'KeyWrap' : 'KeyUnwrap',
      action: isWrap ? 'keys/wrap/action' : 'keys/unwrap/action',
      handle: (call: Call, vault: Vault) => answer(call, vault, use),
    };
    const verb = use.toLowerCase();
    return [
      { path: `/keys/{name}/{version}/${verb}`, ...rest },
      { path: `/keys/{name}/${verb}`, ...rest },
    ];
  },
);

function answer(call: Call, vault: Vault, use: Use): Answer {
  const { version } = requireVersion(call, vault);
  refuseUse(version, use, call.tx.now);
  const { alg, value } = readUse(call);
  const result =
    use === 'wrapKey'
      ? attempt(() => wrapWith(version.publicKey, alg, value))
      : attempt(() => unwrapWith(privateKeyOf(call.tx, version), alg, value));
  return { status: 200, body: { kid: kidOf(version), value: result.toString('base64url') } };
}

function readUse(call: Call): { alg: string; value: Buffer } {
  const { alg, value } = (call.body ?? {}) as { alg?: unknown; value?: unknown };
  if (typeof alg !== 'string' || !isWrapAlgorithm(alg)) {
    throw badParameter(`Property alg has an invalid value: ${String(alg)}`);
  }
  if (typeof value !== 'string') throw badParameter('Property value is missing.');
  return { alg, value: Buffer.from(value, 'base64url') };
}

/** Cryptography that fails here means a value that does not belong to the key. */
function attempt(work: () => Buffer): Buffer {
  try {
    return work();
  } catch {
    throw badParameter('The parameter is incorrect.');
  }
}
