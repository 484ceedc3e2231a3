import { formatClusterId } from './azure-ids.ts';
import { keyAccessFindings } from './diagnose.ts';
import { blocker, isBlocked, type Finding } from './findings.ts';
import type { Inspected } from './inspection.ts';
import type { RecoveryRequest, RevocationRequest } from './operation-request.ts';
import type { Loss, Plan, PlannedStep } from './plan.ts';
import type { ServiceRules } from './service-rules.ts';

/** What lets a cluster's identity use its key, and who else would feel it. */
export interface GrantFacts {
  /** Whether a grant at the vault itself, which can be taken away, lets it in. */
  readonly atVault: boolean;
  /** Where else it is let in from: scopes above the vault, groups, other roles. */
  readonly elsewhere: readonly string[];
  /** Resource ids of other clusters with the same identity. */
  readonly sharedWith: readonly string[];
}

interface Given {
  readonly rules: ServiceRules;
  /** Whether the worker can probe ingestion and queries. */
  readonly probes: boolean;
}

type Made = Omit<Plan, 'hash'>;

/**
 * The plan of a revocation (R80): the cluster's grant is taken away, and it is seen that its data can no
 * longer be read. What is lost meanwhile takes a second person's yes.
 */
export function planRevocation(
  request: RevocationRequest,
  seen: { readonly inspected?: Inspected; readonly grants?: GrantFacts },
  given: Given,
): Made {
  const target = formatClusterId(request.cluster);
  const { inspected, grants } = seen;
  const base = { cost: {}, rulePack: given.rules.name };
  const blockers = unrevokable(target, inspected, grants);
  if (inspected === undefined || grants === undefined || isBlocked(blockers)) {
    return { ...base, steps: [], losses: [], findings: blockers };
  }
  return {
    ...base,
    steps: stepsOf(inspected, given, {
      name: 'revoke',
      title: 'Take the grant away from the cluster',
      target: inspected.key?.access?.vaultId ?? target,
      effect: 'change',
    }),
    losses: lossesOf(inspected),
    findings: [...impactOf(inspected), ...sharedFindings(grants, target)],
  };
}

/** The plan of a recovery: the grant is made again, where nothing but it is missing, and its effect is seen. */
export function planRecovery(
  request: RecoveryRequest,
  inspected: Inspected | undefined,
  given: Given,
): Made {
  const target = formatClusterId(request.cluster);
  const base = { cost: {}, losses: [], rulePack: given.rules.name };
  const unreadable = inspected === undefined ? [missing(target)] : unseenKey(target, inspected);
  const access = inspected?.key?.access;
  if (inspected === undefined || access === undefined) {
    return { ...base, steps: [], findings: unreadable };
  }
  // What only lacks its grant is recovered here; every other cause is named with what a person does about it.
  const causes = keyAccessFindings(access);
  const others = causes.filter(({ code }) => code !== 'missing_permission');
  const isGrantMissing = access.missingGrants.length > 0;
  const grant: PlannedStep = {
    name: 'grant',
    title: 'Grant of the key to the cluster',
    target: access.vaultId,
    effect: isGrantMissing ? 'change' : 'keep',
  };
  return { ...base, steps: stepsOf(inspected, given, grant), findings: others };
}

/** Baseline and effect are seen by probes where there are some; a stated limit is waited for otherwise. */
function stepsOf(
  { id, workspaces }: Inspected,
  { probes }: Given,
  deed: PlannedStep,
): PlannedStep[] {
  const step = (name: string, title: string): PlannedStep => ({
    name,
    title,
    target: id,
    effect: 'keep',
  });
  const canProbe = probes && workspaces.length > 0;
  const isRevoking = deed.name === 'revoke';
  return [
    ...(canProbe && isRevoking ? [step('baseline', 'Records taken and read, before')] : []),
    deed,
    step('effect', isRevoking ? 'Data can no longer be read' : 'Data can be read again'),
  ];
}

function unrevokable(
  target: string,
  inspected: Inspected | undefined,
  grants: GrantFacts | undefined,
): Finding[] {
  if (inspected === undefined) return [missing(target)];
  const unseen = unseenKey(target, inspected);
  if (unseen.length > 0 || grants === undefined) return unseen;
  if (grants.elsewhere.length > 0) {
    const reason = `the identity of the cluster is let in from elsewhere too: ${grants.elsewhere.join(', ')}`;
    const remedy =
      'Take those away first; a grant that is inherited is not taken away for one cluster.';
    return [blocker('grant_inherited', 'R80', { reason, target, remedy })];
  }
  if (grants.atVault) return [];
  const reason = 'the identity of the cluster has no grant that could be taken away';
  return [blocker('grant_missing', 'R80', { reason, target })];
}

const missing = (target: string): Finding =>
  blocker('cluster_missing', 'R116', { reason: 'there is no such cluster', target });

function unseenKey(target: string, { key }: Inspected): Finding[] {
  if (key === undefined) {
    const reason = 'the cluster has no key of yours: there is no access that could be switched';
    return [blocker('key_missing', 'R80', { reason, target, remedy: 'Nothing is to be done.' })];
  }
  if (key.access !== undefined) return [];
  const reason = `the vault ${key.vaultUri} is not among those that Keyturn may read`;
  return [blocker('missing_permission', 'R52', { reason, target: key.vaultUri })];
}

function impactOf({ id, workspaces }: Inspected): Finding[] {
  const count = workspaces.length === 1 ? '1 workspace' : `${workspaces.length} workspaces`;
  return [
    {
      code: 'revocation_impact',
      severity: 'warning',
      rule: 'R83',
      reason: `${count} cannot be queried within the hour, and what is sent to them is dropped: ${workspaces.join(', ')}`,
      remedy:
        'Recover the cluster to have access back; what was stored before stays until its retention ends.',
      target: id,
    },
  ];
}

const lossesOf = ({ id }: Inspected): Loss[] => [
  {
    id: `ingestion ${id.toLowerCase()}`,
    text: 'What is sent to the workspaces meanwhile is lost.',
  },
  { id: `hot-cache ${id.toLowerCase()}`, text: 'The hot cache of the last 14 days is deleted.' },
];

function sharedFindings({ sharedWith }: GrantFacts, target: string): Finding[] {
  if (sharedWith.length === 0) return [];
  return [
    {
      code: 'identity_shared',
      severity: 'warning',
      rule: 'R92',
      reason: `the identity is also that of ${sharedWith.join(', ')}: they lose access too`,
      remedy: 'Give each cluster an identity of its own if they are not to be revoked together.',
      target,
    },
  ];
}
