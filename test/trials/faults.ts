/** The columns of the grid: what happens to an exchange. */
import type { FaultRule } from '../support/simulator-control.ts';

/** A thing that can go wrong at an exchange. */
export interface Fault {
  readonly name: string;
  readonly title: string;
  readonly action: FaultRule['action'];
  /** To how many requests from the exchange on; absent: to all, until a person looks. */
  readonly count?: number;
  /** What is struck while the exchange is in flight. */
  readonly strikes?: 'worker' | 'server' | 'access';
  /** How access is taken away, where that strikes. */
  readonly by?: 'grant' | 'versions';
  /** What a person must be told, if the operation stands in attention. */
  readonly shows: RegExp;
  /** How long a trial of it may take; ms. */
  readonly withinMs: number;
}

/** Longer than the patience of any activity: a day is over after a dozen tries. */
const longRetryAfter = 7_200;
const minuteMs = 60_000;

/** A client's deadline is a minute of real time, so what hangs takes that long. */
export const faults: readonly Fault[] = [
  {
    name: 'kill',
    title: 'the worker is killed when it has taken effect',
    action: { kind: 'hang', when: 'after' },
    count: 1,
    strikes: 'worker',
    shows: /./u,
    withinMs: 3 * minuteMs,
  },
  {
    name: 'lost',
    title: 'its answer is lost',
    action: { kind: 'reset', when: 'after' },
    count: 1,
    shows: /reset|hang up|socket|answer/iu,
    withinMs: 3 * minuteMs,
  },
  {
    name: 'twice',
    title: 'it is delivered twice',
    action: { kind: 'duplicate' },
    count: 1,
    shows: /./u,
    withinMs: 3 * minuteMs,
  },
  {
    name: '429',
    title: 'throttled once',
    action: { kind: 'status', status: 429, retryAfter: 17 },
    count: 1,
    shows: /429/u,
    withinMs: 3 * minuteMs,
  },
  {
    name: '429-long',
    title: 'throttled for longer than a day',
    action: { kind: 'status', status: 429, retryAfter: longRetryAfter },
    shows: /429/u,
    withinMs: 3 * minuteMs,
  },
  {
    name: '500',
    title: 'an error of the service once',
    action: { kind: 'status', status: 500 },
    count: 1,
    shows: /500/u,
    withinMs: 3 * minuteMs,
  },
  {
    name: '500-long',
    title: 'errors of the service for longer than a day',
    action: { kind: 'status', status: 500, retryAfter: longRetryAfter },
    shows: /500/u,
    withinMs: 3 * minuteMs,
  },
  {
    name: 'hang',
    title: 'not answered once',
    action: { kind: 'hang', when: 'before' },
    count: 1,
    shows: /deadline/u,
    withinMs: 3 * minuteMs,
  },
  {
    name: 'hang-long',
    title: 'not answered three times',
    action: { kind: 'hang', when: 'before' },
    count: 3,
    shows: /deadline/u,
    withinMs: 6 * minuteMs,
  },
  {
    name: 'server',
    title: 'Temporal is restarted while it is in flight',
    action: { kind: 'delay', ms: 15_000 },
    count: 1,
    strikes: 'server',
    shows: /./u,
    withinMs: 3 * minuteMs,
  },
];

const overtaking = (
  name: string,
  { by, when }: { by: 'grant' | 'versions'; when: 'before' | 'after' },
): Fault => ({
  name,
  title: `access is revoked by ${by} ${when} it takes effect`,
  action: { kind: 'hold', when },
  count: 1,
  strikes: 'access',
  by,
  shows: /./u,
  withinMs: 3 * minuteMs,
});

/** What overtakes an operation at an exchange, which goes on when access is gone and the vault has turned the key. */
export const revocations: readonly Fault[] = [
  overtaking('grant', { by: 'grant', when: 'before' }),
  overtaking('grant-late', { by: 'grant', when: 'after' }),
  overtaking('versions', { by: 'versions', when: 'before' }),
  overtaking('versions-late', { by: 'versions', when: 'after' }),
];

/** @throws when there is none of that name */
export function faultNamed(name: string): Fault {
  const fault = [...faults, ...revocations].find((each) => each.name === name);
  if (fault === undefined) throw new Error(`there is no fault ${name}`);
  return fault;
}
