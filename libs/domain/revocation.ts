import {
  isSeen,
  missingCluster,
  vaultAccessStep,
  stepIn,
  unseenEffect,
  unseenKey,
  type AccessCircumstances,
  type AccessPlan,
} from './access-plan.ts';
import { formatClusterId } from './azure-ids.ts';
import { keyAccessFindings } from './diagnose.ts';
import { blocker, isBlocked, type Finding } from './findings.ts';
import type { Inspected } from './inspection.ts';
import type { RevocationRequest } from './operation-request.ts';
import type { Loss, PlannedStep } from './plan.ts';

/** What lets a cluster's identity use its key, and who else would feel it. */
export interface GrantFacts {
  /** Whether a grant at the vault itself, which can be taken away, lets it in. */
  readonly atVault: boolean;
  /** Where else it is let in from: scopes above the vault, groups, other roles. */
  readonly elsewhere: readonly string[];
  /** Resource ids of other clusters with the same identity. */
  readonly sharedWith: readonly string[];
}

/** Who uses a key beside the cluster: all of them lose it with its versions. */
export interface KeyUsers {
  /** Resource ids of other clusters that are bound to it. */
  readonly clusters: readonly string[];
  /** Object ids of others that may unwrap with it. */
  readonly principals: readonly string[];
  /** Subscriptions that could not be looked at. */
  readonly unread: readonly string[];
}

/** What was read for a revocation: of grants or of users, as it is to be done. */
export interface RevocationFacts {
  readonly inspected?: Inspected;
  readonly grants?: GrantFacts;
  readonly users?: KeyUsers;
}

/**
 * The plan of a revocation (R80): the cluster's grant is taken away, or every version of its key disabled,
 * and it is seen that its data can no longer be read. What is lost meanwhile takes a second person's yes.
 */
export function planRevocation(
  request: RevocationRequest,
  facts: RevocationFacts,
  given: AccessCircumstances,
): AccessPlan {
  const target = formatClusterId(request.cluster);
  const { inspected } = facts;
  const base = { cost: {}, rulePack: given.rules.name };
  const blockers = blockersOf(request, facts, given);
  if (inspected === undefined || isBlocked(blockers)) {
    return { ...base, steps: [], losses: [], findings: blockers };
  }
  const deeds = request.by === 'versions' ? switchSteps(inspected, given) : grantSteps(inspected);
  return {
    ...base,
    steps: stepsOf(inspected, given, deeds),
    losses: [...lossesOf(inspected), ...lossesOfOthers(facts)],
    findings: [
      ...impactOf(inspected),
      ...sharedFindings(facts, target),
      ...unreadFindings(facts, target),
      ...unseenEffect(inspected, given),
      ...plannedRecovery(request, target),
    ],
  };
}

const grantSteps = ({ id, key }: Inspected): PlannedStep[] => [
  {
    name: 'revoke',
    title: 'Take the grant away from the cluster',
    target: key?.access?.vaultId ?? id,
    effect: 'change',
  },
];

function switchSteps({ id, key }: Inspected, { begun }: AccessCircumstances): PlannedStep[] {
  const { vaultId = id, vault } = key?.access ?? {};
  const own = vaultAccessStep(vaultId);
  const isWanted = vault?.ownAccess === false || begun[own.name] !== undefined;
  return [
    ...(isWanted ? [stepIn(begun, own)] : []),
    {
      name: 'revoke',
      title: 'Disable every version of the key, and let the vault make no more',
      target: `${vaultId}/keys/${key?.name ?? ''}`,
      effect: 'change',
    },
  ];
}

/** Baseline and effect are seen by probes where there are some; a stated limit is waited for otherwise. */
function stepsOf(
  inspected: Inspected,
  given: AccessCircumstances,
  deeds: readonly PlannedStep[],
): PlannedStep[] {
  const step = (name: string, title: string): PlannedStep => ({
    name,
    title,
    target: inspected.id,
    effect: 'keep',
  });
  const canSee = isSeen(inspected, given);
  return [
    ...(canSee ? [step('baseline', 'Records taken and read, before')] : []),
    ...deeds,
    step('effect', canSee ? 'Data can no longer be read' : 'The limit of a revocation has passed'),
  ];
}

/** Why there is nothing to take away, or not in this way; once it has begun it is carried on. */
function blockersOf(
  request: RevocationRequest,
  facts: RevocationFacts,
  { begun }: AccessCircumstances,
): Finding[] {
  const target = formatClusterId(request.cluster);
  const { inspected } = facts;
  if (inspected === undefined) return [missingCluster(target)];
  const unseen = unseenKey(target, inspected);
  if (unseen.length > 0 || begun['revoke'] !== undefined) return unseen;
  return request.by === 'versions'
    ? versionBlockers(inspected, target)
    : grantBlockers(facts, target);
}

function grantBlockers({ inspected, grants }: RevocationFacts, target: string): Finding[] {
  if (grants === undefined) return gone(inspected, target);
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

function versionBlockers(inspected: Inspected, target: string): Finding[] {
  const { access, versions } = inspected.key ?? {};
  if (access?.vault === undefined || access.deletedKey !== undefined)
    return gone(inspected, target);
  if (access.outage !== undefined) {
    const remedy = 'Ask with by "grant", which needs no answer of the vault.';
    const reason = `the vault does not answer: ${access.outage}`;
    return [blocker('vault_outage', 'R155', { reason, target: access.vaultId, remedy })];
  }
  if (versions === undefined || versions.some(({ enabled }) => enabled)) return [];
  const reason = 'no version of the key is enabled';
  return [blocker('versions_disabled', 'R80', { reason, target })];
}

/** Vault or key are gone: there is nothing left to be taken away. */
function gone(inspected: Inspected | undefined, target: string): Finding[] {
  const access = inspected?.key?.access;
  const [cause] = access === undefined ? [] : keyAccessFindings(access);
  if (cause !== undefined) return [cause];
  const reason = 'the identity of the cluster has no grant that could be taken away';
  return [blocker('grant_missing', 'R80', { reason, target })];
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

/** What others lose when the key itself is switched off. */
const lossesOfOthers = ({ users }: RevocationFacts): Loss[] => [
  ...(users?.clusters ?? []).map((id) => ({
    id: `cluster ${id.toLowerCase()}`,
    text: `Cluster ${id} is bound to the same key and is revoked with it.`,
  })),
  ...(users?.principals ?? []).map((id) => ({
    id: `user ${id.toLowerCase()}`,
    text: `${id} can no longer use the key for what it has protected with it.`,
  })),
];

function sharedFindings({ grants }: RevocationFacts, target: string): Finding[] {
  const { sharedWith = [] } = grants ?? {};
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

/** A drill says so to whoever approves it. */
function plannedRecovery({ recoverAt }: RevocationRequest, target: string): Finding[] {
  if (recoverAt === undefined) return [];
  return [
    {
      code: 'recovery_planned',
      severity: 'info',
      rule: 'R90',
      reason: `access is given back by itself at ${recoverAt}, as asked`,
      remedy: 'Cancel the recovery that follows, if it is not to be.',
      target,
    },
  ];
}

function unreadFindings({ users }: RevocationFacts, target: string): Finding[] {
  const { unread = [] } = users ?? {};
  if (unread.length === 0) return [];
  return [
    {
      code: 'users_unseen',
      severity: 'warning',
      rule: 'R92',
      reason: `clusters of these subscriptions could not be looked at: ${unread.join(', ')}`,
      remedy: 'Let Keyturn read clusters there, to know all that lose access.',
      target,
    },
  ];
}
