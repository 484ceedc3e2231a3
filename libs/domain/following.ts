import { sameVaultUri } from './azure-ids.ts';
import type { Cluster } from './cluster.ts';
import type { OperationKind } from './events.ts';
import type { Inspected } from './inspection.ts';
import { versionFault } from './key-state.ts';
import type { RotationRequest } from './operation-request.ts';
import type { Person } from './person.ts';
import { sameVersion } from './rotation.ts';
import { dayMs } from './service-rules.ts';
import type { ClusterId } from './azure-ids.ts';

/** Who binds what appeared in the vault: the policy of the cluster, in nobody's name. */
export const follower: Person = { objectId: 'keyturn', name: 'Keyturn, following the vault' };

/** Operations beside which another version may be bound: none of them changes the key under the cluster. */
const harmless: readonly OperationKind[] = ['inspect', 'adopt', 'retire-version'];

/** Vaults tell of instants in whole seconds. */
const secondMs = 1_000;

/**
 * The version that appeared in the vault since the cluster's own was bound, and that the cluster's policy wants bound.
 * One that was there before was passed over by a decision, such as going back to an older one; it is only reported
 * (R95). Undefined, too, while an operation may change the key, or when the version cannot be used.
 */
export function versionToFollow(
  known: Cluster,
  { key: shown }: Pick<Inspected, 'key'>,
  now: number,
): string | undefined {
  const { key, onNewVersion, state, operations } = known;
  const isWanted = onNewVersion === 'bind' && state === 'protected' && key !== undefined;
  if (!isWanted || !operations.every(({ kind }) => harmless.includes(kind))) return undefined;
  const [vaultUri = '', used = ''] = key.kid.split(/\/keys\//u);
  const [name = '', version = ''] = used.split('/');
  if (shown === undefined || !sameVaultUri(shown.vaultUri, vaultUri) || shown.name !== name)
    return undefined;
  const latest = shown.versions?.at(-1);
  if (latest === undefined || sameVersion(latest.version, version)) return undefined;
  const appearedAt = Date.parse(latest.createdAt ?? '') + secondMs;
  if (!(appearedAt > Date.parse(key.boundAt)) || versionFault(latest, now) !== undefined)
    return undefined;
  return latest.version;
}

/** The rotation to a version that is followed: the cluster stays in its mode, the old version stays enabled. */
export function followingRequest(
  cluster: ClusterId,
  { key }: Cluster,
  to: string,
): RotationRequest {
  const mode = key?.mode ?? 'explicit';
  return { cluster, planOnly: false, to: to.toLowerCase(), mode, soakMs: dayMs };
}
