import { randomUUID } from 'node:crypto';
import type { Principal } from './route.ts';
import type { Store, Transaction } from './store.ts';

/** What happens to a request that a rule picks. */
export type FaultAction =
  | { kind: 'status'; status: number; code?: string; message?: string; retryAfter?: number }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' }
  | { kind: 'reset'; when: 'before' | 'after' };

/** A rule as posted to the control interface. Absent members match everything. */
export interface FaultRule {
  host?: string;
  method?: string;
  /** Regular expression over path and query, without regard to case. */
  path?: string;
  /** The first matching request it applies to, from 1; 1 when absent. */
  nth?: number;
  /** To how many matching requests; to all of them when absent. */
  count?: number;
  /** Name, object id or client id of the caller. */
  principal?: string;
  action: FaultAction;
}

/** A rule in force, with what it has seen. */
export interface StoredFault extends FaultRule {
  readonly id: string;
  readonly seen: number;
  readonly applied: number;
}

interface Subject {
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly principal: Principal | undefined;
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
}

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
    if (!matches(fault, subject)) continue;
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
export function standingFault(tx: Transaction, subject: Subject): StoredFault | undefined {
  return tx
    .list<StoredFault>(COLLECTION)
    .find((fault) => fault.count === undefined && matches(fault, subject));
}

function matches(fault: FaultRule, subject: Subject): boolean {
  const { host, method, path, principal } = fault;
  if (host !== undefined && host.toLowerCase() !== subject.host) return false;
  if (method !== undefined && method.toUpperCase() !== subject.method) return false;
  if (path !== undefined && !new RegExp(path, 'iu').test(subject.target)) return false;
  if (principal === undefined) return true;
  const caller = subject.principal;
  return (
    caller !== undefined && [caller.name, caller.objectId, caller.clientId].includes(principal)
  );
}

function checkRule(rule: FaultRule): FaultRule {
  const kinds: readonly string[] = ['status', 'delay', 'hang', 'reset'];
  if (typeof rule?.action !== 'object' || !kinds.includes(rule.action.kind)) {
    throw new TypeError(`adding a fault: action.kind must be one of ${kinds.join(', ')}`);
  }
  const { action } = rule;
  if (action.kind === 'status' && !Number.isInteger(action.status)) {
    throw new TypeError('adding a fault: action.status must be a number');
  }
  if (action.kind === 'delay' && !Number.isFinite(action.ms)) {
    throw new TypeError('adding a fault: action.ms must be a number');
  }
  if (action.kind === 'reset' && !['before', 'after'].includes(action.when)) {
    throw new TypeError('adding a fault: action.when must be before or after');
  }
  if (rule.path !== undefined) new RegExp(rule.path, 'iu').test('');
  return rule;
}
