import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { RsaPrivateKey } from '#libs/azure/keys.ts';
import type { ImportFileSeen } from '#libs/domain/provision-facts.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';

/** Keys made elsewhere, in files beside the worker: the only place where key material is read. */
export interface ImportFolder {
  /** What is to be known of a file before its key is imported; never the key. */
  look(file: string): Promise<ImportFileSeen>;
  /** The key of a file. @throws Error when the file holds none that can be imported */
  read(file: string): Promise<RsaPrivateKey>;
}

const members = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** Opens the folder; without one, every look says so. */
export function openImportFolder(folder: string | undefined): ImportFolder {
  async function load(file: string): Promise<KeyObject> {
    if (folder === undefined) {
      throw new Error('the worker has no import folder; set KEYTURN_IMPORT_FOLDER');
    }
    if (basename(file) !== file || file.startsWith('.')) {
      throw new Error('the name must be that of a file in the import folder, without a path');
    }
    return parseKey(await readText(join(folder, file)));
  }
  return {
    async look(file) {
      try {
        return { sizeBits: sizeOf(await load(file)) };
      } catch (error) {
        return { fault: (error as Error).message };
      }
    },
    async read(file) {
      const key = await load(file);
      const jwk = key.export({ format: 'jwk' });
      const bytes = members.map((name) => [name, Buffer.from(jwk[name] ?? '', 'base64url')]);
      return Object.fromEntries(bytes) as RsaPrivateKey;
    },
  };
}

/** Reads a private key from PEM or JWK. What a parser says is left out: it may quote the file. */
function parseKey(text: string): KeyObject {
  let key: KeyObject;
  try {
    key = text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPrivateKey(text);
  } catch {
    throw new Error(
      'the file holds no private key in PEM or JWK that can be read without a password',
    );
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw new Error(`the key is of type ${key.asymmetricKeyType ?? 'unknown'}, not RSA`);
  }
  const { rsaKeyBits } = rulePacks.current;
  if (!rsaKeyBits.includes(sizeOf(key))) {
    throw new Error(`the key has ${sizeOf(key)} bits, not ${rsaKeyBits.join(', ')}`);
  }
  return key;
}

const sizeOf = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0;

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(`the file cannot be read: ${code}`, { cause: error });
  }
}
