import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
  type TemporalFailure,
} from '@temporalio/workflow';

import type { Outcome } from '#libs/domain/events.ts';
import { blocker, type Finding } from '#libs/domain/findings.ts';
import { revokedMeanwhile } from '#libs/domain/revoked-meanwhile.ts';

/** How an operation ends before its story does: thrown inside the workflow, caught by `Work.run`, never escaping. */
export class Ending extends Error {
  override readonly name = 'Ending';
  readonly result: Outcome['result'];
  readonly findings: readonly Finding[];

  constructor(result: Outcome['result'], summary: string, findings: readonly Finding[] = []) {
    super(summary);
    this.result = result;
    this.findings = findings;
  }
}

/** What a failed deed says: its type, its words, and the findings it carries. */
export interface FailedDeed {
  readonly type: string;
  readonly message: string;
  readonly findings: readonly Finding[];
}

/**
 * Reads a deed's failure; a bug is thrown on, so that the workflow task fails and waits for a mended release.
 * @throws the error itself when it is no failure of a deed, or a cancellation
 */
export function readFailure(error: unknown): FailedDeed {
  if (isCancellation(error)) throw error;
  const cause = error instanceof ActivityFailure ? error.cause : (error as TemporalFailure);
  if (cause instanceof ApplicationFailure && isStillWorthTrying(cause)) {
    // The next try would have been beyond the day: the last failure comes in place of a time-out.
    return { type: 'TimedOut', message: `trying for a day: ${cause.message}`, findings: [] };
  }
  if (cause instanceof ApplicationFailure) {
    return {
      type: cause.type ?? 'UnknownAnswer',
      message: cause.message,
      findings: (cause.details ?? []) as Finding[],
    };
  }
  if (cause instanceof TimeoutFailure) {
    const last = cause.cause?.message;
    return {
      type: 'TimedOut',
      message: `trying for a day: ${last ?? cause.message}`,
      findings: [],
    };
  }
  throw error;
}

/** What Azure shows is not what was done: a matter for a person. */
export const notAsExpected = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'NotAsExpected', message, nonRetryable: true });

const isStillWorthTrying = ({ nonRetryable }: ApplicationFailure): boolean => nonRetryable !== true;

/** Why a failed deed is a person's matter, by its type (activities/failures.ts), where no finding says it better. */
const reasons: Readonly<Record<string, string>> = {
  CredentialRefused: 'Entra ID refuses the credential of Keyturn',
  NotAsExpected: 'Azure shows something else than was asked for',
  PermissionMissing: 'Azure denies it to the identity of Keyturn',
  TimedOut: 'a day of trying was not enough',
  UnknownAnswer: 'Azure gives an answer that nobody knows',
};

/** Says in words why going on after a failed deed would be a guess. */
export function reasonOf({ type, findings: [finding] }: FailedDeed): string {
  if (finding !== undefined) return `${finding.reason}. ${finding.remedy}`;
  return reasons[type] ?? type;
}

/** The ending of an operation whose cluster name is held by a deleted cluster (R43, R160). */
export function nameReserved(target: string): Ending {
  const reason = 'the name is held by a cluster deleted in the last 14 days';
  return new Ending('refused', `Refused at step cluster: ${reason}.`, [
    blocker('name_reserved', 'R43', { reason, target }),
  ]);
}

/** The ending of an operation whose cluster was revoked while it had not the lane: it could only undo that. */
export function overtaken(target: string): Ending {
  const finding = revokedMeanwhile(target);
  return new Ending('refused', `Refused: ${finding.reason}.`, [finding]);
}
