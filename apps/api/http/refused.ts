import type { FieldProblem } from '#libs/contracts/http/problem.ts';
import type { Refusal, RefusalCode } from '#libs/domain/refusal-codes.ts';

interface RefusalDetails {
  /** Every problem of the request, when fields are to blame. */
  readonly problems?: readonly FieldProblem[];
  /** Whether the form of the request is wrong (400), not merely what it asks for (422). */
  readonly malformed?: boolean;
  /** When to try again. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An expected no, with a code from the domain's table. The problem filter makes the answer of it. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly field: string | undefined;
  readonly details: RefusalDetails;

  constructor(refusal: Refusal, details: RefusalDetails = {}) {
    super(refusal.reason, { cause: details.cause });
    this.name = 'Refused';
    this.code = refusal.code;
    this.field = refusal.field;
    this.details = details;
  }
}
