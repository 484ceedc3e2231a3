import { formatClusterId, sameId } from './azure-ids.ts';
import { keyAccessFindings, type KeyAccessFacts } from './diagnose.ts';
import { blocker, type Finding } from './findings.ts';
import type { Inspected, InspectedKey } from './inspection.ts';
import { stepsToProof } from './key-plan.ts';
import type { RotationRequest } from './operation-request.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Circumstances, KeyVersionSeen } from './provision-facts.ts';
import { chooseVersion, versionFault } from './key-state.ts';

/** What a rotation of a cluster's key goes from and to. */
export interface Rotation {
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly keyName: string;
  /** How the cluster follows the key when it is done (R93, R94). */
  readonly mode: 'explicit' | 'automatic';
  /** The version in use before. */
  readonly from: string;
  /** The version to be used; absent, it is still to be made. */
  readonly to?: string;
}

export interface RotationPlan {
  readonly plan: Omit<Plan, 'hash'>;
  /** Absent when the plan is blocked. */
  readonly rotation?: Rotation;
}

type Given = Pick<Circumstances, 'rules' | 'now' | 'operationId' | 'begun'>;

/**
 * The plan of a rotation: version, bind (or Azure's own pick-up in automatic mode), soak, proof. The old
 * version stays as it is (R96): retiring it is an operation of its own.
 */
export function planRotation(
  request: RotationRequest,
  inspected: Inspected | undefined,
  given: Given,
): RotationPlan {
  const cluster = formatClusterId(request.cluster);
  const plan = (findings: readonly Finding[], steps: readonly PlannedStep[]) => ({
    steps,
    findings,
    cost: {},
    losses: [],
    rulePack: given.rules.name,
  });
  if (inspected === undefined) {
    const reason = 'there is no such cluster';
    return { plan: plan([blocker('cluster_missing', 'R116', { reason, target: cluster })], []) };
  }
  const { key } = inspected;
  if (key?.access === undefined || key.versions === undefined) {
    return { plan: plan([unreachable(key, cluster)], []) };
  }
  const { access, versions } = key;
  const from = chooseVersion(versions, key.version === '' ? undefined : key.version);
  const before = from?.version ?? key.version;
  const to = targetOf(request, versions, given.operationId);
  const mode = request.mode ?? (key.version === '' ? 'automatic' : 'explicit');
  const findings = [
    ...accessBlockers(access),
    ...targetFindings(request, { to, versions, mode, vaultId: access.vaultId }, given.now),
  ];
  const rotation: Rotation = {
    vaultId: access.vaultId,
    keyName: key.name,
    mode,
    // Planned again after its own version was made: that one is not what was in use before.
    from:
      before === to?.version && from?.madeBy === given.operationId ? previous(versions) : before,
    ...(to === undefined ? {} : { to: to.version }),
  };
  return { plan: plan(findings, stepsOf(request, { rotation, key, cluster }, given)), rotation };
}

function stepsOf(
  request: RotationRequest,
  { rotation, key, cluster }: { rotation: Rotation; key: InspectedKey; cluster: string },
  { begun }: Given,
): PlannedStep[] {
  const { vaultId, keyName, mode, to } = rotation;
  const once = (name: string, effect: PlannedStep['effect']) => begun[name] ?? effect;
  const isNew = request.to === 'new';
  const target = `${vaultId}/keys/${keyName}`;
  const shown = isNew ? undefined : to;
  const isBound = key.version === (mode === 'automatic' ? '' : to);
  return [
    {
      name: 'version',
      title: isNew
        ? `New version of key ${keyName}`
        : `Version ${to ?? ''} of key ${keyName}, found`,
      target: shown === undefined ? target : `${target}/${shown}`,
      effect: once('version', isNew ? 'create' : 'keep'),
    },
    {
      name: 'bind',
      title:
        mode === 'automatic'
          ? 'Cluster follows the latest version'
          : 'Bind the cluster to the version',
      target: cluster,
      effect: once('bind', isBound ? 'keep' : 'change'),
    },
    ...stepsToProof(cluster, request.soakMs),
  ];
}

/** The version asked for; of a new one, the one that this operation has made already. */
function targetOf(
  { to }: RotationRequest,
  versions: readonly KeyVersionSeen[],
  operationId: string,
): KeyVersionSeen | undefined {
  if (to === 'new') return versions.find(({ madeBy }) => madeBy === operationId);
  return chooseVersion(versions, to === 'latest' ? undefined : to);
}

interface Target {
  readonly to: KeyVersionSeen | undefined;
  readonly versions: readonly KeyVersionSeen[];
  readonly mode: Rotation['mode'];
  readonly vaultId: string;
}

function targetFindings(request: RotationRequest, target: Target, now: number): Finding[] {
  const { to, versions, mode, vaultId } = target;
  if (request.to === 'new') return [];
  if (to === undefined) {
    const reason = `the key has no version ${request.to}`;
    return [blocker('key_missing', 'R59', { reason, target: vaultId })];
  }
  const fault = versionFault(to, now);
  if (fault !== undefined) {
    return [blocker('key_unusable', 'R60', { reason: fault, target: to.kid })];
  }
  if (mode === 'automatic' && to !== versions.at(-1)) {
    const reason = 'in automatic mode the cluster follows the latest version, which this is not';
    const remedy = 'Ask with mode "explicit", or for "latest".';
    return [blocker('key_unusable', 'R93', { reason, target: to.kid, remedy })];
  }
  return [];
}

/** What stands between the cluster and its key; the version in use may be at fault, for it is being left. */
const accessBlockers = (access: KeyAccessFacts): Finding[] =>
  keyAccessFindings({ ...access, version: 'unseen' });

function unreachable(key: InspectedKey | undefined, target: string): Finding {
  if (key === undefined) {
    const reason = 'the cluster has no key of yours that could be rotated';
    const remedy = 'Bind a key to the cluster first.';
    return blocker('key_missing', 'R94', { reason, target, remedy });
  }
  const reason = `the keys of ${key.vaultUri} are not among those that Keyturn may read`;
  return blocker('missing_permission', 'R52', {
    reason,
    target: `${key.vaultUri}/keys/${key.name}`,
  });
}

const previous = (versions: readonly KeyVersionSeen[]): string => versions.at(-2)?.version ?? '';

/** Whether two versions are the same one; an empty one is none. */
export const sameVersion = (one: string, other: string): boolean =>
  one !== '' && sameId(one, other);
