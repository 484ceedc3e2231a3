import { refusalCodes, type RefusalCode } from './refusal-codes.ts';

/** A fact worth a person's attention. A blocker ends the plan that carries it as refused. */
export interface Finding {
  readonly code: RefusalCode | NoticeCode;
  readonly severity: 'info' | 'warning' | 'blocker';
  /** The rule of the Azure service behind it, e.g. `R123`. */
  readonly rule: string;
  readonly reason: string;
  readonly remedy: string;
  /** What it is about: a resource id or a field of the request. */
  readonly target?: string;
}

/** Codes of findings that never refuse. */
export type NoticeCode =
  | 'commitment'
  | 'unknown_tier'
  | 'name_release'
  | 'double_encryption_off'
  | 'already_linked'
  | 'not_retroactive'
  | 'release_unknown'
  | 'slots_reserved'
  | 'purge_protection'
  | 'excess_rights'
  | 'probe_not_seen'
  | 'revocation_impact'
  | 'identity_shared'
  | 'key_shared'
  | 'break_glass'
  | 'effect_unseen'
  | 'recovery_planned'
  | 'assignments_lost'
  | 'access_back'
  | 'adopted'
  | 'key_not_bound'
  | 'version_behind'
  | 'old_version_in_use'
  | 'audit_silent'
  | 'key_expiring'
  | 'vault_unseen'
  | 'not_as_requested'
  | 'cluster_not_ready'
  | 'slower_than_usual'
  | 'surplus_key_version'
  | 'no_lockout'
  | 'old_key_unseen'
  | 'users_unseen'
  | 'soak_unseen'
  | 'short_soak'
  | 'follow_up_refused'
  | 'unclean_end'
  | 'ledger_behind';

/** A finding that refuses; its remedy is the code's unless the case has a better one. */
export const blocker = (
  code: RefusalCode,
  rule: string,
  { reason, target, remedy }: { reason: string; target: string; remedy?: string },
): Finding => ({
  code,
  severity: 'blocker',
  rule,
  reason,
  target,
  remedy: remedy ?? refusalCodes[code].remedy,
});

/** Whether any of the findings forbids going on. */
export const isBlocked = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.severity === 'blocker');
