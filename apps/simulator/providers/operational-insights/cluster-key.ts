import { refuse } from './cluster-checks.ts';
import type { ClusterInput } from './cluster-checks.ts';
import type { Cluster, KeyProperties } from './documents.ts';

/** A new key, `clear` for the three empty strings (R163), or undefined when nothing changes. */
export type KeyChange = KeyProperties | 'clear' | undefined;

const KEY_NAME = /^[0-9A-Za-z-]{1,127}$/u;
const KEY_VERSION = /^[0-9a-f]{32}$/iu;

/**
 * Reads the key properties of a body. `null` and `{}` change nothing (R163); anything incomplete is R111, which is
 * also what an unknown member such as `kyName` leads to (R56).
 */
export function readKeyChange(input: ClusterInput): KeyChange {
  const given = input.properties?.keyVaultProperties;
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'object' || Array.isArray(given)) throw badFormat();
  if (Object.keys(given).length === 0) return undefined;
  const { keyVaultUri, keyName, keyVersion, keyRsaSize } = given as Record<string, unknown>;
  if (keyVaultUri === '' && keyName === '' && keyVersion === '') return 'clear';
  const version = keyVersion ?? '';
  if (typeof keyVaultUri !== 'string' || !isVaultUri(keyVaultUri)) throw badFormat();
  if (typeof keyName !== 'string' || !KEY_NAME.test(keyName)) throw badFormat();
  if (typeof version !== 'string') throw badFormat();
  if (version !== '' && !KEY_VERSION.test(version)) throw badFormat();
  const size = keyRsaSize ?? 0;
  if (typeof size !== 'number') throw badFormat();
  return { keyVaultUri, keyName, keyVersion: version, keyRsaSize: size };
}

/** Whether a PUT that repeats the whole resource asks for the key in force (R162: port, slash and case apart). */
export function isSameKey(cluster: Cluster, change: KeyChange): boolean {
  const { key } = cluster;
  if (change === undefined) return true;
  if (change === 'clear' || !key) return change === 'clear' && !key;
  return (
    new URL(key.keyVaultUri).hostname === new URL(change.keyVaultUri).hostname &&
    key.keyName.toLowerCase() === change.keyName.toLowerCase() &&
    key.keyVersion.toLowerCase() === change.keyVersion.toLowerCase()
  );
}

function isVaultUri(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.pathname === '/' && url.search === '';
}

function badFormat(): Error {
  return refuse(
    'InvalidParameter',
    'KeyVaultProperties is not empty but has a bad format. See key identifier update.',
  );
}
