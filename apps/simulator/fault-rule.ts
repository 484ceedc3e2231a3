/** What happens to a request that a rule picks, or to the long operation that it begins. */
export type FaultAction =
  | { kind: 'status'; status: number; code?: string; message?: string; retryAfter?: number }
  | { kind: 'delay'; ms: number }
  /** Held back until the rule is deleted: the request, or (`after`) the answer when it has taken effect. */
  | { kind: 'hold'; when?: 'before' | 'after' }
  /** Never answered, whether it has taken effect (`after`) or not. */
  | { kind: 'hang'; when?: 'before' | 'after' }
  | { kind: 'reset'; when: 'before' | 'after' }
  /** The connection is cut in the middle of the answer's body. */
  | { kind: 'truncated' }
  /** The request arrives twice; the second answer is sent. */
  | { kind: 'duplicate' }
  /** The answer says nothing of where to follow the operation; `headers` absent: none of the three. */
  | { kind: 'no-headers'; headers?: string[] }
  /** The operation goes on until the rule is deleted. */
  | { kind: 'stuck' }
  /** The operation fails, its work undone (`before`, when absent) or done nevertheless (`after`). */
  | { kind: 'fail'; code: string; message?: string; when?: 'before' | 'after' }
  /** The operation's record says Succeeded so many simulated seconds before the resource changes. */
  | { kind: 'record-early'; seconds: number }
  /** The record goes on saying InProgress so many simulated seconds after the resource has changed. */
  | { kind: 'record-late'; seconds: number }
  /** The operation's record is not found. */
  | { kind: 'lost-record' }
  /** A GET shows the resource as it was before the last write, for so many seconds after it (for ever). */
  | { kind: 'stale'; seconds?: number };

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
  /** Regular expression over the caller's own id of the request, `x-ms-client-request-id`. */
  clientRequestId?: string;
  /** Simulated time from which on it applies, ISO 8601. */
  from?: string;
  /** Simulated time until which it applies, ISO 8601. */
  until?: string;
  action: FaultAction;
}

/** The rule that was picked for a request. */
export interface AppliedFault {
  id: string;
  action: FaultAction;
}

type Check = (action: Record<string, unknown>) => string | undefined;

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isWhen = (value: unknown): boolean => value === 'before' || value === 'after';
const mayHaveWhen: Check = ({ when }) =>
  when === undefined || isWhen(when) ? undefined : 'action.when must be before or after';
const nothing: Check = () => undefined;
const seconds: Check = (action) =>
  isNumber(action['seconds']) ? undefined : 'action.seconds must be a number';

/** What each kind needs; the answer names what is wrong. */
const checks: Readonly<Record<FaultAction['kind'], Check>> = {
  status: (action) =>
    Number.isInteger(action['status']) ? undefined : 'action.status must be a number',
  delay: (action) => (isNumber(action['ms']) ? undefined : 'action.ms must be a number'),
  hold: mayHaveWhen,
  hang: mayHaveWhen,
  reset: (action) => (isWhen(action['when']) ? undefined : 'action.when must be before or after'),
  truncated: nothing,
  duplicate: nothing,
  'no-headers': (action) =>
    action['headers'] === undefined || Array.isArray(action['headers'])
      ? undefined
      : 'action.headers must be a list of names',
  stuck: nothing,
  fail: (action) => {
    if (typeof action['code'] !== 'string') return 'action.code must be a text';
    return mayHaveWhen(action);
  },
  'record-early': seconds,
  'record-late': seconds,
  'lost-record': nothing,
  stale: (action) => (action['seconds'] === undefined ? undefined : seconds(action)),
};

/** The rule itself. Throws a TypeError, or the pattern's SyntaxError, on a malformed one. */
export function checkRule(rule: FaultRule): FaultRule {
  const kinds = Object.keys(checks);
  if (typeof rule?.action !== 'object' || !kinds.includes(rule.action.kind)) {
    throw new TypeError(`adding a fault: action.kind must be one of ${kinds.join(', ')}`);
  }
  const problem = checks[rule.action.kind]({ ...rule.action });
  if (problem !== undefined) throw new TypeError(`adding a fault: ${problem}`);
  for (const name of ['from', 'until'] as const) {
    const instant = rule[name];
    if (instant !== undefined && Number.isNaN(Date.parse(instant))) {
      throw new TypeError(`adding a fault: ${name} must be an instant in ISO 8601`);
    }
  }
  for (const pattern of [rule.path, rule.clientRequestId]) {
    if (pattern !== undefined) new RegExp(pattern, 'iu').test('');
  }
  return rule;
}
