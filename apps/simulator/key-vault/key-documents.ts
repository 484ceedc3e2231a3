import type { JsonWebKey } from 'node:crypto';
import type { Transaction } from '../store.ts';
import { vaultHost } from './vault-documents.ts';
import type { Vault } from './vault-documents.ts';

/** When to act on a key, and what to do: the wire's own shape. */
export interface LifetimeAction {
  trigger: { timeAfterCreate?: string; timeBeforeExpiry?: string };
  action: { type: string };
}

export interface RotationPolicy {
  lifetimeActions: LifetimeAction[];
  /** ISO 8601 duration that new versions live, absent = for ever. */
  expiryTime?: string;
  createdAt: number;
  updatedAt: number;
}

/** A key: its versions in order of creation. Instants are epoch milliseconds. */
export interface KeyRecord {
  vault: string;
  name: string;
  versions: string[];
  /** A recovered key answers from here on (R179). */
  usableFrom: number;
  rotationPolicy?: RotationPolicy;
  /** When the policy makes the next version; calendar time. */
  rotateAt?: number;
}

/** One version; the private part lies apart so that no view can show it. */
export interface KeyVersion {
  vault: string;
  name: string;
  version: string;
  kty: string;
  /** Public members of the JSON web key: n and e, or crv, x and y. */
  publicKey: JsonWebKey;
  /** Modulus length; 0 for curves. */
  bits: number;
  keyOps: string[];
  enabled: boolean;
  notBefore?: number;
  expires?: number;
  createdAt: number;
  updatedAt: number;
  tags?: Record<string, string>;
}

export interface DeletedKey {
  key: KeyRecord;
  deletedAt: number;
  /** Until then the deletion is on its way and `deletedkeys` knows nothing of it (R179). */
  visibleAt: number;
  scheduledPurgeAt: number;
}

export function findKey(tx: Transaction, vault: string, name: string): KeyRecord | undefined {
  return tx.get<KeyRecord>('keys', `${vault}/${name}`);
}

/** The key if it answers now: not while its recovery is on its way. */
export function findUsableKey(tx: Transaction, vault: string, name: string): KeyRecord | undefined {
  const key = findKey(tx, vault, name);
  return key !== undefined && key.usableFrom <= tx.now ? key : undefined;
}

export function saveKey(tx: Transaction, key: KeyRecord): void {
  tx.put('keys', `${key.vault}/${key.name}`, key);
}

export function findDeletedKey(tx: Transaction, vault: string, name: string) {
  return tx.get<DeletedKey>('deletedKeys', `${vault}/${name}`);
}

/** One version of a key, the latest for an empty version; undefined when there is none. */
export function findVersion(
  tx: Transaction,
  key: KeyRecord,
  version: string,
): KeyVersion | undefined {
  const wanted = version === '' ? key.versions.at(-1) : version;
  return wanted === undefined ? undefined : tx.get('keyVersions', versionId(key, wanted));
}

export function saveVersion(tx: Transaction, version: KeyVersion): void {
  tx.put('keyVersions', versionId(version, version.version), version);
}

/** The private key of a version, as it left the generator or the import. */
export function privateKeyOf(tx: Transaction, version: KeyVersion): JsonWebKey {
  const found = tx.get<JsonWebKey>('keyMaterials', versionId(version, version.version));
  if (found === undefined) throw new Error(`reading key ${kidOf(version)}: no private key is kept`);
  return found;
}

export function savePrivateKey(tx: Transaction, version: KeyVersion, jwk: JsonWebKey): void {
  tx.put('keyMaterials', versionId(version, version.version), jwk);
}

/** Forgets every version of a key and what was secret in it. */
export function forgetVersions(tx: Transaction, key: KeyRecord): void {
  for (const version of key.versions) {
    tx.remove('keyVersions', versionId(key, version));
    tx.remove('keyMaterials', versionId(key, version));
  }
}

/** The identifier of a version: `https://{vault}.vault.azure.net/keys/{name}/{version}`. */
export function kidOf(version: Pick<KeyVersion, 'vault' | 'name' | 'version'>): string {
  return `https://${version.vault.toLowerCase()}.vault.azure.net/keys/${version.name}/${version.version}`;
}

/** ARM id of a key, the scope of roles that are given for one key only. */
export function keyResourceId(vault: Vault, name: string): string {
  return `${vault.id}/keys/${name}`;
}

export function keyUrl(vault: Vault, path: string): string {
  return `https://${vaultHost(vault)}${path}`;
}

function versionId(key: { vault: string; name: string }, version: string): string {
  return `${key.vault}/${key.name}/${version}`;
}
