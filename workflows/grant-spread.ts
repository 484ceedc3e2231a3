import type { GrantEnsured } from '#activities/grants.ts';
import { accessPolicySpreadMs, roleSpreadMs } from '#libs/domain/service-rules.ts';

/** How long a grant may take to be in effect, ms; nothing, if it was there before. */
export function spreadOf(grant: GrantEnsured | undefined): number {
  if (grant?.added !== true) return 0;
  return grant.model === 'role' ? roleSpreadMs : accessPolicySpreadMs;
}
