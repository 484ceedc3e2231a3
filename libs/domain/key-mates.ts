import { formatClusterId, parseClusterId, sameId, type ClusterId } from './azure-ids.ts';
import type { Cluster } from './cluster.ts';
import type { Finding } from './findings.ts';
import type { RotationRequest } from './operation-request.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Begun } from './provision-facts.ts';
import { sameVersion, type Rotation } from './rotation.ts';
import type { KeyUser } from './used-key.ts';

/** Another cluster on a key, and what Keyturn knows of it, if it looks after it. */
export interface KeyMate extends KeyUser {
  readonly state?: Cluster['state'];
}

/** The step of a rotation that has the other clusters of the key rotated. */
export const togetherStep = 'clusters';

const rotatedStates: readonly KeyMate['state'][] = ['protected', 'unprotected'];

/** The clusters on a key beside that one. */
export const othersThan = <U extends KeyUser>(users: readonly U[], cluster: ClusterId): U[] =>
  users.filter(({ id }) => !sameId(id, formatClusterId(cluster)));

/**
 * The other clusters on the key that a rotation has rotated too, where it is asked to: those that name a version, and
 * that Keyturn looks after in the subscription for which the request was allowed.
 */
export function rotatedTogether(
  mates: readonly KeyMate[],
  { cluster, clusters }: Pick<RotationRequest, 'cluster' | 'clusters'>,
  { to, begun }: { to: Rotation['to']; begun: Begun },
): string[] {
  if (clusters !== 'all') return [];
  // Planned again after it had begun, the plan names them still, though they have the version by then.
  const isThere = ({ version }: KeyMate) =>
    begun[togetherStep] === undefined && to !== undefined && sameVersion(version, to);
  return othersThan(mates, cluster)
    .filter((mate) => mate.version !== '' && isWithin(mate, cluster))
    .filter((mate) => rotatedStates.includes(mate.state) && !isThere(mate))
    .map(({ id }) => id)
    .toSorted();
}

/** The plan with the step that has other clusters rotated, behind the bind of the own one. */
export function withMates<P extends Pick<Plan, 'steps'>>(plan: P, together: readonly string[]): P {
  if (together.length === 0) return plan;
  const step: PlannedStep = {
    name: togetherStep,
    title: `Rotation of the other clusters of the key to the version: ${together.length}`,
    target: together.join(', '),
    effect: 'change',
  };
  return {
    ...plan,
    steps: plan.steps.flatMap((each) => (each.name === 'bind' ? [each, step] : [each])),
  };
}

/**
 * What a version of a key means to the other clusters on it: those bound to a version stay on theirs (R95) unless they
 * are rotated too, those that follow the latest take it up by themselves (R93).
 */
export function keyMateFindings(
  mates: readonly KeyMate[],
  { cluster, clusters }: Pick<RotationRequest, 'cluster' | 'clusters'>,
  together: readonly string[] = [],
): Finding[] {
  const others = othersThan(mates, cluster).filter(({ id }) => !together.includes(id));
  const staying = others.filter(({ version }) => version !== '');
  const unknown =
    clusters === 'all' ? staying.filter(({ state = 'absent' }) => state === 'absent') : [];
  const known = staying.filter((mate) => !unknown.includes(mate));
  const following = others.filter(({ version }) => version === '');
  return [
    ...notice(known, {
      rule: 'R95',
      told: 'these stay on their version of it',
      remedy:
        'Rotate each of them to "latest" afterwards; the version they use is not retired before.',
    }),
    ...notice(unknown, {
      rule: 'R95',
      told: 'these, which Keyturn does not look after, stay on their version of it',
      remedy:
        'Adopt them, and rotate them to "latest"; the version they use is not retired before.',
    }),
    ...notice(following, {
      rule: 'R93',
      told: 'these follow it by themselves',
      remedy: 'Nothing is to be done; their next inspections show the version.',
    }),
  ];
}

/** That a cluster's entity refuses the rotation; what it left is not retired before. */
export const notTogether = (target: string): Finding => ({
  code: 'follow_up_refused',
  severity: 'warning',
  rule: 'R95',
  reason: 'the cluster may not be rotated to the version of its key now',
  remedy: 'Rotate it to "latest" yourself when what stands against it is over.',
  target,
});

const isWithin = ({ id }: KeyMate, { subscriptionId }: ClusterId): boolean =>
  sameId(parseClusterId(id)?.subscriptionId ?? '', subscriptionId);

function notice(
  mates: readonly KeyMate[],
  { rule, told, remedy }: { rule: string; told: string; remedy: string },
): Finding[] {
  if (mates.length === 0) return [];
  const names = mates.map(({ id }) => id).toSorted();
  const reason = `other clusters are on the key, and ${told}: ${names.join(', ')}`;
  return [{ code: 'key_shared', severity: 'info', rule, reason, remedy }];
}
