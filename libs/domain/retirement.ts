import { formatClusterId, sameId } from './azure-ids.ts';
import type { EvidenceGrade } from './evidence-grade.ts';
import { blocker, isBlocked, type Finding } from './findings.ts';
import { disableStep, type UsedKey, type KeyUser } from './used-key.ts';
import { everyVersion, type RetirementRequest } from './operation-request.ts';
import type { Loss, Plan, PlanHold, PlannedStep } from './plan.ts';
import type { Begun, KeyVersionSeen } from './provision-facts.ts';
import { retirementFindings } from './retirement-findings.ts';
import type { ServiceRules } from './service-rules.ts';

/** What was read for a retirement. */
export interface RetirementFacts {
  /** Resource id; absent when there is no such cluster. */
  readonly clusterId?: string;
  /** Absent when the cluster has no key, or its vault is not among those that Keyturn may read. */
  readonly use?: UsedKey;
}

/** What is retired. */
export interface Retirement {
  readonly vaultId: string;
  readonly keyName: string;
  /** Those that were still enabled when it began, oldest first. */
  readonly versions: readonly string[];
}

export interface RetirementPlan {
  readonly plan: Omit<Plan, 'hash'>;
  /** Absent when the plan is blocked. */
  readonly retirement?: Retirement;
  readonly hold?: PlanHold;
}

interface Given {
  readonly rules: ServiceRules;
  /** Epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

/**
 * The plan of a retirement: versions of a key are disabled that no cluster uses or may still use (R96). It is
 * held back until every cluster on the key has been on another version for long enough.
 */
export function planRetirement(
  request: RetirementRequest,
  facts: RetirementFacts,
  { rules, now, begun }: Given,
): RetirementPlan {
  const { use } = facts;
  const base = { cost: {}, rulePack: rules.name };
  if (facts.clusterId === undefined || use?.versions === undefined || !use.ownAccess) {
    return { plan: { ...base, steps: [], losses: [], findings: [unreadable(request, facts)] } };
  }
  const { vaultId, keyName, versions } = use;
  // Planned again when some are disabled already, it stays the same plan.
  const isDue = ({ enabled, version }: KeyVersionSeen) =>
    enabled || begun[disableStep(version)] === 'change';
  const wanted = versions.filter((seen) =>
    request.version === everyVersion ? isDue(seen) : sameId(seen.version, request.version),
  );
  const findings = [
    ...unwanted(request, { use, versions, wanted }),
    ...wanted.flatMap((version) =>
      usersOf(version, use).map((user) => stillInUse(request, inUse(user, version), now)),
    ),
    ...retirementFindings(request, use),
  ];
  const due = wanted.filter(isDue);
  const grade = gradeOf(request, use, facts.clusterId);
  const losses = due.flatMap((version) => lossesOf(version, grade));
  const steps = wanted.map((version) => stepOf(version, isDue(version)));
  const plan = { ...base, steps, losses, findings };
  if (isBlocked(findings)) return { plan };
  const retirement = { vaultId, keyName, versions: due.map(({ version }) => version) };
  const hold = due.length === 0 ? undefined : holdOf(request, { use, due }, now);
  return { plan, retirement, ...(hold === undefined ? {} : { hold }) };
}

/** Clusters that use a version: bound to it, or following the latest, which it is. */
export function usersOf(
  { version }: Pick<KeyVersionSeen, 'version'>,
  { users, versions = [] }: Pick<UsedKey, 'users' | 'versions'>,
): KeyUser[] {
  const latest = versions.at(-1)?.version ?? '';
  return users.filter((user) => sameId(user.version === '' ? latest : user.version, version));
}

/** Why a version may not be disabled: a cluster lives on it. */
export const inUse = (
  { id, version: shown }: KeyUser,
  { version, kid }: Pick<KeyVersionSeen, 'version' | 'kid'>,
): Finding =>
  blocker('version_in_use', 'R96', {
    reason:
      shown === ''
        ? `cluster ${id} follows the latest version, which is ${version}`
        : `cluster ${id} uses version ${version}`,
    target: kid,
  });

/** One that follows a rotation looks again at its instant, until when other clusters may leave the version too. */
const stillInUse = (
  { follows, notBefore = '' }: RetirementRequest,
  finding: Finding,
  now: number,
): Finding =>
  follows !== undefined && Date.parse(notBefore) > now
    ? { ...finding, severity: 'warning' }
    : finding;

interface Wanted {
  readonly use: UsedKey;
  readonly versions: readonly KeyVersionSeen[];
  readonly wanted: readonly KeyVersionSeen[];
}

/** Why what is asked for is not to be had, whoever uses it. */
function unwanted({ version }: RetirementRequest, { use, versions, wanted }: Wanted): Finding[] {
  const target = `${use.vaultId}/keys/${use.keyName}`;
  if (versions.length === 0) {
    return [blocker('key_missing', 'R59', { reason: 'the vault has no such key', target })];
  }
  if (version === everyVersion) return [];
  const [only] = wanted;
  if (only === undefined) {
    const reason = `the key has no version ${version}`;
    return [blocker('key_missing', 'R59', { reason, target })];
  }
  if (!only.enabled || versions.some((other) => other !== only && other.enabled)) return [];
  const reason = `version ${only.version} is the only one of the key that is enabled`;
  return [blocker('last_version', 'R96', { reason, target: only.kid })];
}

function unreadable(request: RetirementRequest, { clusterId, use }: RetirementFacts): Finding {
  const cluster = formatClusterId(request.cluster);
  if (clusterId === undefined) {
    const reason = 'there is no such cluster';
    return blocker('cluster_missing', 'R116', { reason, target: cluster });
  }
  if (use === undefined) {
    const reason = 'no key of yours, whose vault Keyturn may read, could be found';
    const remedy = 'Name the key by the resource id of its vault, or let Keyturn read that vault.';
    return blocker('key_missing', 'R94', { reason, target: cluster, remedy });
  }
  const target = `${use.vaultId}/keys/${use.keyName}`;
  const reason = 'the identity of Keyturn may not list and switch the versions of the key';
  return blocker('missing_permission', 'R52', { reason, target });
}

const stepOf = ({ version, kid }: KeyVersionSeen, isDue: boolean): PlannedStep => ({
  name: disableStep(version),
  title: isDue ? `Disable version ${version}` : `Version ${version}, disabled already`,
  target: kid,
  effect: isDue ? 'change' : 'keep',
});

/** What the proof behind a retirement is worth: no more than what can be seen of every cluster. */
function gradeOf(
  { proof = 'observed' }: RetirementRequest,
  { users, unread }: UsedKey,
  clusterId: string,
): EvidenceGrade {
  // Of a cluster that follows the latest, the audit alone shows what it uses.
  const isProven = ({ id }: KeyUser) => proof === 'proven' && sameId(id, clusterId);
  const followers = users.filter((user) => user.version === '' && !isProven(user));
  return unread.length > 0 || followers.length > 0 ? 'assumed' : proof;
}

function lossesOf({ version, kid }: KeyVersionSeen, grade: EvidenceGrade): Loss[] {
  const loss = {
    id: `key-version ${kid.toLowerCase()}`,
    text: `What is still wrapped with version ${version} cannot be read while it is disabled.`,
  };
  if (grade !== 'assumed') return [loss];
  const unproven = `NOBODY HAS SEEN that version ${version} is unused: it is assumed, from stated limits alone. Whoever still needs it loses access within the hour.`;
  return [loss, { id: `unproven ${kid.toLowerCase()}`, text: unproven }];
}

/** The latest of all instants before which something may still use what is retired. */
function holdOf(
  { keepMs, notBefore }: RetirementRequest,
  { use, due }: { use: UsedKey; due: readonly KeyVersionSeen[] },
  now: number,
): PlanHold | undefined {
  const { users, versions = [], leftAt, unwrapped = [] } = use;
  const madeAt = versions.at(-1)?.createdAt;
  const soaks = [
    ...users.flatMap(({ id, version, changedAt }) => [
      { since: changedAt, detail: `cluster ${id} may still use what it left` },
      // It goes over to a new version by itself, some time after that was made (R93).
      ...(version === '' ? [{ since: madeAt, detail: `cluster ${id} may not follow yet` }] : []),
    ]),
    { since: leftAt, detail: 'the cluster may still use what it left' },
    ...unwrapped
      .filter((seen) => due.some(({ version }) => sameId(version, seen.version)))
      .map(({ clusterId, version, lastAt }) => ({
        since: lastAt,
        detail: `the vault's audit shows that cluster ${clusterId} unwrapped with ${version} at ${lastAt}`,
      })),
  ];
  const instants = soaks.flatMap(({ since, detail }) =>
    since === undefined ? [] : [{ at: Date.parse(since) + keepMs, detail }],
  );
  if (notBefore !== undefined) {
    instants.push({ at: Date.parse(notBefore), detail: 'the version stays enabled until then' });
  }
  const last = instants.toSorted((one, other) => one.at - other.at).at(-1);
  if (last === undefined || last.at <= now) return undefined;
  return { until: new Date(last.at).toISOString(), detail: last.detail };
}
