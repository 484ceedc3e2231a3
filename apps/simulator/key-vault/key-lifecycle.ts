import { randomBytes } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { ACCESS_CHANGED } from '../storage/access-news.ts';
import { announceVersion, settleAccess } from '../storage/access.ts';
import { defineEffect } from '../effects.ts';
import type { Transaction } from '../store.ts';
import { addDuration } from './iso-duration.ts';
import { makeKeyLike, publicPart } from './key-crypto.ts';
import { findDeletedKey, findKey, findVersion, forgetVersions } from './key-documents.ts';
import { saveKey, savePrivateKey, saveVersion } from './key-documents.ts';
import type { DeletedKey, KeyRecord, KeyVersion } from './key-documents.ts';
import { findVault } from './vault-documents.ts';
import type { Vault } from './vault-documents.ts';

const DAY_MS = 86_400_000;
/** How long a deletion or a recovery of a key is on its way (R179). */
const TRANSITION_MS = 5000;

/** What is decided about a version before it gets its identifier. */
export type NewVersion = Pick<
  KeyVersion,
  'kty' | 'bits' | 'keyOps' | 'enabled' | 'notBefore' | 'expires' | 'tags'
>;

/** Adds a version, and the key itself with its first one. */
export function addVersion(
  tx: Transaction,
  id: { vault: string; name: string },
  made: { version: NewVersion; jwk: JsonWebKey },
): KeyVersion {
  const key = findKey(tx, id.vault, id.name) ?? { ...id, versions: [], usableFrom: tx.now };
  const version: KeyVersion = {
    ...made.version,
    vault: key.vault,
    name: key.name,
    version: randomBytes(16).toString('hex'),
    publicKey: publicPart(made.jwk),
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  saveVersion(tx, version);
  savePrivateKey(tx, version, made.jwk);
  planRotation(tx, { ...key, versions: [...key.versions, version.version] });
  announceVersion(tx, key);
  tx.note('key version created');
  return version;
}

/** The next version after one: same kind and operations, lifetime as the policy says, no tags (4.2). */
export function successorOf(tx: Transaction, key: KeyRecord, latest: KeyVersion): NewVersion {
  const { kty, bits, keyOps } = latest;
  const expiryTime = key.rotationPolicy?.expiryTime;
  const expires = expiryTime === undefined ? undefined : addDuration(tx.now, expiryTime);
  return { kty, bits, keyOps, enabled: true, ...(expires !== undefined && { expires }) };
}

/** Stores the key with the instant at which its policy rotates it, and schedules that. */
export function planRotation(tx: Transaction, key: KeyRecord): void {
  const { rotateAt: _before, ...rest } = key;
  const due = rotationDue(tx, rest);
  saveKey(tx, { ...rest, ...(due !== undefined && { rotateAt: due }) });
  if (due === undefined) return;
  tx.at(Math.max(due, tx.now), 'key rotation due', { vault: key.vault, name: key.name });
}

/** Plans the rotations of a recovered vault's keys again: what fell due meanwhile happens now. */
export function resumeRotations(tx: Transaction, vault: string): void {
  for (const key of keysOf(tx, vault)) planRotation(tx, key);
}

defineEffect('key rotation due', (tx, args: { vault: string; name: string }) => {
  const key = findKey(tx, args.vault, args.name);
  const latest = key && findVersion(tx, key, '');
  const due = key?.rotateAt !== undefined && key.rotateAt <= tx.now;
  if (key === undefined || latest === undefined || !due) return;
  if (findVault(tx, args.vault) === undefined) return;
  const jwk = makeKeyLike({ bits: latest.bits, ...crvOf(latest) });
  addVersion(tx, key, { version: successorOf(tx, key, latest), jwk });
});

/** Deletes a key with all its versions; returns what a recovery would need, nothing without soft-delete. */
export function deleteKey(tx: Transaction, vault: Vault, key: KeyRecord): DeletedKey | undefined {
  tx.remove('keys', `${key.vault}/${key.name}`);
  tx.note('key deleted');
  if (!vault.enableSoftDelete) {
    forgetVersions(tx, key);
    settleAccess(tx);
    return undefined;
  }
  const scheduledPurgeAt = tx.now + vault.softDeleteRetentionInDays * DAY_MS;
  const visibleAt = tx.afterWork(TRANSITION_MS, ACCESS_CHANGED, { vault: vault.name });
  const deleted: DeletedKey = { key, deletedAt: tx.now, visibleAt, scheduledPurgeAt };
  tx.put('deletedKeys', `${key.vault}/${key.name}`, deleted);
  tx.at(scheduledPurgeAt, 'key retention over', {
    vault: key.vault,
    name: key.name,
    deletedAt: tx.now,
  });
  settleAccess(tx);
  return deleted;
}

/** Brings a deleted key back; it answers a moment later (R179). */
export function recoverKey(tx: Transaction, deleted: DeletedKey): void {
  const { key } = deleted;
  const usableFrom = tx.afterWork(TRANSITION_MS, ACCESS_CHANGED, { vault: key.vault });
  tx.remove('deletedKeys', `${key.vault}/${key.name}`);
  planRotation(tx, { ...key, usableFrom });
  tx.note('key recovered');
}

/** Forgets a deleted key for good. */
export function purgeKey(tx: Transaction, { key }: DeletedKey): void {
  tx.remove('deletedKeys', `${key.vault}/${key.name}`);
  forgetVersions(tx, key);
  tx.note('key purged');
}

defineEffect(
  'key retention over',
  (tx, args: { vault: string; name: string; deletedAt: number }) => {
    const deleted = findDeletedKey(tx, args.vault, args.name);
    if (deleted?.deletedAt === args.deletedAt) purgeKey(tx, deleted);
  },
);

/** Forgets everything a vault held: the vault itself is gone for good. */
export function forgetKeysOf(tx: Transaction, vault: string): void {
  for (const key of keysOf(tx, vault)) {
    tx.remove('keys', `${key.vault}/${key.name}`);
    forgetVersions(tx, key);
  }
  for (const deleted of tx.list<DeletedKey>('deletedKeys')) {
    if (sameText(deleted.key.vault, vault)) purgeKey(tx, deleted);
  }
}

/** The keys of a vault that are not deleted. */
export function keysOf(tx: Transaction, vault: string): KeyRecord[] {
  return tx.list<KeyRecord>('keys').filter((key) => sameText(key.vault, vault));
}

/** The curve of an elliptic-curve version, as an option; nothing for RSA. */
export function crvOf(version: KeyVersion): { crv?: string } {
  const { crv } = version.publicKey;
  return crv === undefined ? {} : { crv };
}

function rotationDue(tx: Transaction, key: KeyRecord): number | undefined {
  const latest = findVersion(tx, key, '');
  const trigger = key.rotationPolicy?.lifetimeActions.find(
    ({ action }) => action.type.toLowerCase() === 'rotate',
  )?.trigger;
  if (latest === undefined || trigger === undefined) return undefined;
  if (trigger.timeAfterCreate !== undefined) {
    return addDuration(latest.createdAt, trigger.timeAfterCreate);
  }
  if (latest.expires === undefined) return undefined;
  return addDuration(latest.expires, trigger.timeBeforeExpiry ?? '', -1);
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
