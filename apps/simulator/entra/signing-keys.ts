import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import type { Transaction } from '../store.ts';

/** A key pair that signs tokens; the newest signs, all that are kept are published. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: JsonWebKey;
  readonly publicKey: JsonWebKey;
  /** Its place in the order of making. */
  readonly generation: number;
}

const COLLECTION = '$signingKeys';

/** All published keys, oldest first. */
export function signingKeys(tx: Transaction): SigningKey[] {
  return tx.list<SigningKey>(COLLECTION).toSorted((a, b) => a.generation - b.generation);
}

/** The key that signs new tokens. Throws before the world was set up. */
export function currentSigningKey(tx: Transaction): SigningKey {
  const key = signingKeys(tx).at(-1);
  if (!key) throw new Error('signing a token: no signing key was made yet');
  return key;
}

/** Makes a new signing key. `retire` takes the older ones out of the published set at once. */
export function rotateSigningKeys(tx: Transaction, options: { retire: boolean }): SigningKey {
  const older = signingKeys(tx);
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key: SigningKey = {
    kid: randomBytes(20).toString('base64url'),
    privateKey: pair.privateKey.export({ format: 'jwk' }),
    publicKey: pair.publicKey.export({ format: 'jwk' }),
    generation: (older.at(-1)?.generation ?? 0) + 1,
  };
  if (options.retire) for (const { kid } of older) tx.remove(COLLECTION, kid);
  tx.put(COLLECTION, key.kid, key);
  return key;
}
