import type { Evidence } from './events.ts';
import type { Finding } from './findings.ts';
import { sameVersion } from './rotation.ts';

/** What a vault's audit shows of one key version in the hands of one cluster's identity. */
export interface KeyUse {
  readonly version: string;
  /** Whether the vault unwrapped for it, or refused to. */
  readonly granted: boolean;
  readonly count: number;
  /** Of the latest, ISO 8601. */
  readonly lastAt: string;
}

/** What was read of the audit, or why it could not be. */
export type AuditReading = { readonly uses: readonly KeyUse[] } | { readonly unread: string };

/** The versions that a rotation went from and to, and when the cluster was seen to be bound. */
export interface Succession {
  readonly from: string;
  readonly to: string;
  /** Epoch ms; what is older says nothing. */
  readonly boundAt: number;
}

export type UseVerdict =
  | { readonly state: 'proven'; readonly claim: string }
  /** Another look may tell more. */
  | { readonly state: 'open'; readonly reason: string; readonly oldInUse: boolean }
  | { readonly state: 'unread'; readonly reason: string };

/**
 * How long the old version must have been silent while the new one was heard: storage comes back to the vault every
 * six to sixty seconds (R154), so that five minutes miss nobody.
 */
export const quietMs = 5 * 60_000;

/** Whether the cluster's identity unwraps with the new version, and with the old one no more (R89, R96). */
export function judgeUses({ from, to, boundAt }: Succession, reading: AuditReading): UseVerdict {
  if ('unread' in reading) return { state: 'unread', reason: reading.unread };
  const since = reading.uses.filter(
    ({ granted, lastAt }) => granted && Date.parse(lastAt) >= boundAt,
  );
  const ofNew = since.find(({ version }) => sameVersion(version, to));
  const ofOld = sameVersion(from, to)
    ? undefined
    : since.find(({ version }) => sameVersion(version, from));
  if (ofNew === undefined) {
    const reason = `the vault's audit shows no unwrap with version ${to} yet`;
    return { state: 'open', reason, oldInUse: ofOld !== undefined };
  }
  const silentSince = Math.max(boundAt, ofOld === undefined ? 0 : Date.parse(ofOld.lastAt));
  if (Date.parse(ofNew.lastAt) - silentSince < quietMs) {
    const reason =
      ofOld === undefined
        ? `the vault's audit reaches no further than ${ofNew.lastAt}`
        : `the vault's audit shows an unwrap with the old version ${from} at ${ofOld.lastAt}`;
    return { state: 'open', reason, oldInUse: ofOld !== undefined };
  }
  const silence = new Date(silentSince).toISOString();
  const old =
    from === '' || sameVersion(from, to) ? '' : `, and none with ${from} since ${silence}`;
  const claim = `the vault's audit shows ${ofNew.count} unwraps of the cluster with version ${to} until ${ofNew.lastAt}${old}`;
  return { state: 'proven', claim };
}

/**
 * The evidence that a vault refuses its key to an identity since access was taken away (R89); undefined while the audit
 * shows no refusal, or an unwrap that was granted within minutes of the last one.
 */
export function refusalEvidence(
  reading: AuditReading,
  { principalId, since }: { principalId: string; since: number },
): Evidence | undefined {
  if ('unread' in reading) return undefined;
  const lastOf = (granted: boolean) =>
    Math.max(
      since,
      ...reading.uses.filter((use) => use.granted === granted).map((use) => Date.parse(use.lastAt)),
    );
  const refused = reading.uses.filter(({ granted }) => !granted);
  const silentSince = lastOf(true);
  if (refused.length === 0 || lastOf(false) - silentSince < quietMs) return undefined;
  const count = refused.reduce((sum, use) => sum + use.count, 0);
  const [from, until] = [silentSince, lastOf(false)].map((at) => new Date(at).toISOString());
  const claim = `the vault's audit shows ${count} refused unwraps of ${principalId} until ${until}, and none granted since ${from}`;
  return { claim, grade: 'proven' };
}

/** What a lower grade than `proven` is to be told with, where an audit is configured. */
export function unprovenFinding(
  verdict: Exclude<UseVerdict, { state: 'proven' }>,
  target: string,
): Finding {
  if (verdict.state === 'open' && verdict.oldInUse) {
    const remedy = 'Leave the old version enabled, and look why the cluster still uses it.';
    return warning('old_version_in_use', 'R96', { reason: verdict.reason, remedy, target });
  }
  const remedy =
    'Check that the vault sends its AuditEvent log to the workspace of KEYTURN_AUDIT_WORKSPACE, into a table of its own, and that Keyturn may query it.';
  return warning('audit_silent', 'R89', { reason: verdict.reason, remedy, target });
}

/** The evidence that a rotation has where no audit proves it: what the cluster itself shows. */
export function shownEvidence(
  { mode, version, shown }: { mode: 'explicit' | 'automatic'; version: string; shown: string },
  requestId: string,
): Evidence {
  if (mode === 'automatic' && shown === '') {
    const claim = `the cluster follows the latest version, which is ${version}`;
    return { claim, grade: 'assumed', requestId };
  }
  const claim = `the cluster shows version ${version} after the soak`;
  return { claim, grade: 'observed', requestId };
}

const warning = (
  code: Finding['code'],
  rule: string,
  rest: Pick<Finding, 'reason' | 'remedy'> & { target: string },
): Finding => ({ code, severity: 'warning', rule, ...rest });
