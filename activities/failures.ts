import {
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
} from '@temporalio/common';

import { AzureError } from '#libs/azure/azure-error.ts';
import { blocker, type Finding } from '#libs/domain/findings.ts';
import { blockerOf, knownError } from '#libs/domain/service-errors.ts';

/**
 * The only judge of failures: which are final, which are worth another try and after how long (design:
 * throttled, transient, busy, permission, refused, credential, unknown).
 */

/** Types a workflow may meet; everything else is a bug. */
export type FailureType =
  | 'Throttled'
  | 'Transient'
  | 'Busy'
  | 'StillRunning'
  | 'AnswerLost'
  | 'GrantSpreading'
  | 'RefusedByRule'
  | 'PermissionMissing'
  | 'CredentialRefused'
  | 'NotAsExpected'
  | 'UnknownAnswer';

const busyRetryMs = 15_000;
const throttledRetryMs = 10_000;
/** How long a request whose answer was lost may still take effect before one may look for it. */
export const answerLostMs = 60_000;
/** Tries before a refused credential becomes a person's matter: a rotated secret may still spread. */
const credentialTries = 5;
/** Tries before an answer nobody knows becomes a person's matter. */
const unknownTries = 10;

/** A failure that goes on being tried, quietly: it is expected. */
export function again(type: FailureType, message: string, afterMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nextRetryDelay: afterMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** A failure that ends the trying. */
export function final(
  type: FailureType,
  message: string,
  ...findings: Finding[]
): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: findings });
}

/** Sorts whatever an activity's deed threw. Failures that are sorted already pass. */
export function judge(error: unknown, attempt: number): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (!(error instanceof AzureError))
    return error instanceof Error ? error : new Error(String(error));
  switch (error.kind) {
    case 'cancelled':
      return new CancelledFailure(error.message);
    case 'network':
    case 'timeout':
    case 'credential-outage':
      return ApplicationFailure.retryable(error.message, 'Transient' satisfies FailureType);
    case 'credential':
      return attempt < credentialTries
        ? ApplicationFailure.retryable(error.message, 'CredentialRefused' satisfies FailureType)
        : final('CredentialRefused', error.message);
    case 'answer':
      return judgeAnswer(error, attempt);
  }
}

function judgeAnswer(error: AzureError, attempt: number): Error {
  const { status = 0, azureMessage = '', retryAfterMs, message } = error;
  if (status === 429) return again('Throttled', message, retryAfterMs ?? throttledRetryMs);
  if (status === 408 || status >= 500) {
    return ApplicationFailure.create({
      type: 'Transient' satisfies FailureType,
      message,
      ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
    });
  }
  const known = knownError(status, azureMessage);
  if (known?.meaning === 'busy') return again('Busy', message, retryAfterMs ?? busyRetryMs);
  if (known !== undefined) return final('RefusedByRule', message, blockerOf(known, error.target));
  if (status === 403) return final('PermissionMissing', message, permissionFinding(error));
  return attempt < unknownTries
    ? ApplicationFailure.retryable(message, 'UnknownAnswer' satisfies FailureType)
    : final('UnknownAnswer', message);
}

function permissionFinding(error: AzureError): Finding {
  const action = /perform action '(?<action>[^']+)'/u.exec(error.azureMessage ?? '')?.groups?.[
    'action'
  ];
  return blocker('missing_permission', 'R52', {
    reason:
      action === undefined ? error.message : `the identity of Keyturn may not perform ${action}`,
    remedy: 'Grant that action to the identity of Keyturn, then resume.',
    target: error.target,
  });
}
