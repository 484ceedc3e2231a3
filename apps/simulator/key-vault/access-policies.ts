import { grantsWord } from '../authorization.ts';
import { ACCESS_CHANGED } from '../storage/access-news.ts';
import type { Transaction } from '../store.ts';
import type { AccessPolicy, Vault } from './vault-documents.ts';

/** How long a written policy takes to count: moments (R49). */
const ACTIVATION_MS = 5000;
/** How long something taken away goes on counting. */
const REMOVAL_MS = 10_000;

/** The vault with other access policies: shown at once, in force a moment later (R49, R180). Not yet stored. */
export function withPolicies(tx: Transaction, vault: Vault, policies: AccessPolicy[]): Vault {
  if (JSON.stringify(policies) === JSON.stringify(vault.accessPolicies)) return vault;
  const delayMs = takesAway(vault.accessPolicies, policies) ? REMOVAL_MS : ACTIVATION_MS;
  const dueAt = tx.afterWork(delayMs, ACCESS_CHANGED, { vault: vault.name });
  const last = vault.policySnapshots.at(-1)?.from ?? dueAt;
  const inForce = vault.policySnapshots.findLastIndex((snapshot) => snapshot.from <= tx.now);
  return {
    ...vault,
    accessPolicies: policies,
    policySnapshots: [
      ...vault.policySnapshots.slice(Math.max(inForce, 0)),
      { from: Math.max(dueAt, last), policies },
    ],
  };
}

/** Adds words to the entries of the same object, or new entries (`accessPolicies/add`). */
export function addPolicies(current: AccessPolicy[], added: AccessPolicy[]): AccessPolicy[] {
  return added.reduce((policies, entry) => {
    const present = policies.find((policy) => sameObject(policy, entry));
    if (present === undefined) return [...policies, entry];
    const merged = { ...present, permissions: mergePermissions(present, entry) };
    return policies.map((policy) => (policy === present ? merged : policy));
  }, current);
}

/** Sets the entries of the objects named, leaving others alone (`accessPolicies/replace`). */
export function replacePolicies(current: AccessPolicy[], sent: AccessPolicy[]): AccessPolicy[] {
  return addPolicies(
    current.filter((policy) => !sent.some((entry) => sameObject(policy, entry))),
    sent,
  );
}

/** Takes the named words away, or the whole entry where none are named or none are left (`accessPolicies/remove`). */
export function removePolicies(current: AccessPolicy[], removed: AccessPolicy[]): AccessPolicy[] {
  return current.flatMap((policy) => {
    const entry = removed.find((candidate) => sameObject(candidate, policy));
    if (entry === undefined) return [policy];
    if (Object.values(entry.permissions).every((words) => words.length === 0)) return [];
    const permissions = Object.fromEntries(
      Object.entries(policy.permissions).map(([kind, words]) => {
        const taken = entry.permissions[kind as keyof AccessPolicy['permissions']];
        return [kind, words.filter((word) => !grantsWord(taken, word))];
      }),
    );
    const left = Object.values(permissions).some((words) => words.length > 0);
    return left ? [{ ...policy, permissions }] : [];
  });
}

function mergePermissions(present: AccessPolicy, added: AccessPolicy): AccessPolicy['permissions'] {
  const kinds = new Set([...Object.keys(present.permissions), ...Object.keys(added.permissions)]);
  return Object.fromEntries(
    [...kinds].map((name) => {
      const kind = name as keyof AccessPolicy['permissions'];
      const words = present.permissions[kind] ?? [];
      const more = (added.permissions[kind] ?? []).filter((word) => !holds(words, word));
      return [kind, [...words, ...more]];
    }),
  );
}

function takesAway(before: AccessPolicy[], after: AccessPolicy[]): boolean {
  return before.some((policy) => {
    const words = after.find((entry) => sameObject(entry, policy))?.permissions.keys;
    return (policy.permissions.keys ?? []).some((word) => !grantsWord(words, word));
  });
}

function sameObject(left: AccessPolicy, right: AccessPolicy): boolean {
  return (
    left.objectId.toLowerCase() === right.objectId.toLowerCase() &&
    (left.applicationId ?? '') === (right.applicationId ?? '')
  );
}

function holds(words: string[], wanted: string): boolean {
  return words.some((word) => word.toLowerCase() === wanted.toLowerCase());
}
