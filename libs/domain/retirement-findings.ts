import type { Finding } from './findings.ts';
import type { UsedKey } from './used-key.ts';
import type { RetirementRequest } from './operation-request.ts';

import { retirementGraceMs } from './service-rules.ts';

/** What is worth knowing before a yes to a retirement, and forbids nothing. */
export function retirementFindings({ keepMs }: RetirementRequest, use: UsedKey): Finding[] {
  const target = `${use.vaultId}/keys/${use.keyName}`;
  const findings: Finding[] = [];
  const warn = (code: Finding['code'], reason: string, remedy: string) =>
    findings.push({ code, severity: 'warning', rule: 'R96', reason, remedy, target });
  if (use.unread.length > 0) {
    warn(
      'users_unseen',
      `the clusters of these subscriptions could not be read: ${use.unread.join(', ')}`,
      'Make sure that none of them uses the key, or let Keyturn read them.',
    );
  }
  if (!use.isLogRead) {
    warn(
      'soak_unseen',
      'since when the clusters are off the version is not known: the activity log does not tell',
      'Say yes only when you know that they have been for a day.',
    );
  }
  if (keepMs < retirementGraceMs) {
    warn(
      'short_soak',
      `the version stays enabled for ${keepMs / 3_600_000} h only after a cluster has left it`,
      'Reject it and ask for a day, unless the key is in the hands of others.',
    );
  }
  for (const { id } of use.users.filter(({ isMoving }) => isMoving)) {
    warn(
      'cluster_not_ready',
      `Azure is changing cluster ${id}, which may be going over to the version`,
      'Nothing is to be done: no version is disabled before that is over.',
    );
  }
  return findings;
}
