import type { RefusalCode } from '#libs/domain/refusal-codes.ts';

/** Refused by a rule, though well-formed: what every code means that is not in the table. */
const refusedByRule = 422;

const statuses: Partial<Readonly<Record<RefusalCode, number>>> = {
  idempotency_key_missing: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  cluster_unknown: 404,
  operation_unknown: 404,
  evidence_absent: 404,
  cluster_busy: 409,
  not_waiting_for_that: 409,
  plan_changed: 409,
  cluster_exists: 409,
  name_reserved: 409,
  internal_error: 500,
  outcome_unknown: 503,
  engine_unavailable: 503,
  ledger_unavailable: 503,
  identity_unavailable: 503,
};

/** The HTTP status that a refusal is answered with. */
export const statusOf = (code: RefusalCode): number => statuses[code] ?? refusedByRule;
