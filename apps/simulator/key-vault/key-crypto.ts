import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** The size that is made ahead of need: larger ones cost seconds of a processor each. */
const SPARE_BITS = 2048;
let spare: JsonWebKey | undefined;

/** The curves of Key Vault and OpenSSL's names for them. */
const curves = new Map(
  Object.entries({
    'P-256': 'prime256v1',
    'P-384': 'secp384r1',
    'P-521': 'secp521r1',
    'P-256K': 'secp256k1',
  }),
);

const paddings: Record<string, { padding: number; oaepHash?: string }> = {
  'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
};

/** Makes an RSA private key off the event loop; `bits` is the modulus length. */
export async function makeRsaKey(bits: number): Promise<JsonWebKey> {
  const ready = takeSpare(bits);
  return ready ?? exportJwk((await generate('rsa', { modulusLength: bits })).privateKey);
}

/** Makes a private key of the same kind at once: for Azure's own work, which no request waits for. */
export function makeKeyLike(kind: { bits: number; crv?: string }): JsonWebKey {
  const { bits, crv = '' } = kind;
  const namedCurve = curves.get(crv);
  if (namedCurve !== undefined) {
    return { ...exportJwk(generateKeyPairSync('ec', { namedCurve }).privateKey), crv };
  }
  return (
    takeSpare(bits) ?? exportJwk(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey)
  );
}

/** Makes an elliptic-curve private key; undefined for a curve Key Vault does not know. */
export async function makeEcKey(curve: string): Promise<JsonWebKey | undefined> {
  const namedCurve = curves.get(curve);
  if (namedCurve === undefined) return undefined;
  const { privateKey } = await generate('ec', { namedCurve });
  return { ...exportJwk(privateKey), crv: curve };
}

/** Reads an imported RSA private key; undefined when it is not one, or its halves do not fit together. */
export function readRsaKey(jwk: JsonWebKey): { jwk: JsonWebKey; bits: number } | undefined {
  try {
    const key = createPrivateKey({ key: { ...jwk, kty: 'RSA' }, format: 'jwk' });
    const probe = Buffer.from('probe');
    const fits = privateDecrypt(key, publicEncrypt(createPublicKey(key), probe)).equals(probe);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return fits ? { jwk: exportJwk(key), bits } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether wrap and unwrap know the algorithm. */
export function isWrapAlgorithm(algorithm: string): boolean {
  return Object.hasOwn(paddings, algorithm);
}

/** Encrypts with the public key. Throws when the value does not fit. */
export function wrapWith(publicKey: JsonWebKey, algorithm: string, value: Buffer): Buffer {
  const key = createPublicKey({ key: { ...publicKey, kty: 'RSA' }, format: 'jwk' });
  return publicEncrypt({ key, ...paddings[algorithm] }, value);
}

/** Decrypts with the private key. Throws when the value was not wrapped with its public half. */
export function unwrapWith(privateKey: JsonWebKey, algorithm: string, value: Buffer): Buffer {
  const key = createPrivateKey({ key: { ...privateKey, kty: 'RSA' }, format: 'jwk' });
  return privateDecrypt({ key, ...paddings[algorithm] }, value);
}

/** What may be shown of a key. */
export function publicPart({ n, e, crv, x, y }: JsonWebKey): JsonWebKey {
  return Object.fromEntries(
    Object.entries({ crv, n, e, x, y }).filter(([, value]) => value !== undefined),
  );
}

function takeSpare(bits: number): JsonWebKey | undefined {
  if (bits !== SPARE_BITS) return undefined;
  const taken = spare;
  spare = undefined;
  generateKeyPair('rsa', { modulusLength: bits }, (error, _publicKey, privateKey) => {
    if (error === null) spare = exportJwk(privateKey);
  });
  return taken;
}

function exportJwk(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}
