import { randomUUID } from 'node:crypto';
import { checkRule } from './fault-rule.ts';
import type { AppliedFault, FaultRule } from './fault-rule.ts';
import { namedFault } from './named-faults.ts';
import { forgetPast } from './past-answers.ts';
import type { Principal } from './route.ts';
import type { Store, Transaction } from './store.ts';

/** A rule in force, with what it has seen. */
export interface StoredFault extends FaultRule, AppliedFault {
  readonly seen: number;
  readonly applied: number;
}

interface Subject {
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly principal: Principal | undefined;
  /** What the caller calls the request; Azure itself calls its requests nothing. */
  readonly clientRequestId?: string | undefined;
}

const COLLECTION = '$faults';

/** Adds a rule. Throws on a malformed one. */
export function addFault(tx: Transaction, rule: FaultRule): StoredFault {
  const fault = { ...checkRule(rule), id: randomUUID(), seen: 0, applied: 0 };
  tx.put(COLLECTION, fault.id, fault);
  return fault;
}

export function removeFaults(tx: Transaction, id?: string): void {
  for (const fault of tx.list<StoredFault>(COLLECTION)) {
    if (id === undefined || fault.id === id) tx.remove(COLLECTION, fault.id);
  }
  if (!mayBeStale(tx)) forgetPast(tx);
}

/** Whether a rule may ask for what was before a write, so that it has to be kept. */
export function mayBeStale(tx: Transaction): boolean {
  return tx.list<StoredFault>(COLLECTION).some(({ action }) => action.kind === 'stale');
}

export function isFault(tx: Transaction, id: string): boolean {
  return tx.get(COLLECTION, id) !== undefined;
}

export const isInForce = (store: Store, id: string): boolean =>
  listFaults(store).some((fault) => fault.id === id);

export function listFaults(store: Store): StoredFault[] {
  return store.read<StoredFault>(COLLECTION);
}

/** Whether any rule is in force: saves the counting when there is none. */
export function hasFaults(store: Store): boolean {
  return store.read(COLLECTION).length > 0;
}

/** Counts the request on every rule it matches and returns the first one that applies to it. */
export function pickFault(tx: Transaction, subject: Subject): StoredFault | undefined {
  let picked: StoredFault | undefined;
  for (const fault of tx.list<StoredFault>(COLLECTION)) {
    if (!isDue(tx, fault) || !matches(fault, subject)) continue;
    const seen = fault.seen + 1;
    const first = fault.nth ?? 1;
    const last = fault.count === undefined ? Number.POSITIVE_INFINITY : first + fault.count - 1;
    const applies = picked === undefined && seen >= first && seen <= last;
    tx.put(COLLECTION, fault.id, { ...fault, seen, applied: fault.applied + (applies ? 1 : 0) });
    if (applies) picked = fault;
  }
  return picked;
}

/** The rule without an end that would apply to a call Azure makes itself; looking does not count on it. */
export function standingFault(tx: Transaction, subject: Subject): AppliedFault | undefined {
  const rules = tx.list<StoredFault>(COLLECTION);
  return (
    rules.find(
      (fault) => fault.count === undefined && isDue(tx, fault) && matches(fault, subject),
    ) ?? namedFault(subject)
  );
}

function isDue(tx: Transaction, { from, until }: FaultRule): boolean {
  if (from !== undefined && tx.now < Date.parse(from)) return false;
  return until === undefined || tx.now < Date.parse(until);
}

function matches(fault: FaultRule, subject: Subject): boolean {
  const { host, method, path, principal, clientRequestId } = fault;
  if (host !== undefined && host.toLowerCase() !== subject.host) return false;
  if (method !== undefined && method.toUpperCase() !== subject.method) return false;
  if (path !== undefined && !new RegExp(path, 'iu').test(subject.target)) return false;
  if (clientRequestId !== undefined) {
    if (!new RegExp(clientRequestId, 'iu').test(subject.clientRequestId ?? '')) return false;
  }
  if (principal === undefined) return true;
  const caller = subject.principal;
  return (
    caller !== undefined && [caller.name, caller.objectId, caller.clientId].includes(principal)
  );
}
