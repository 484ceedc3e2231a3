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
import { formatClusterId, sameId, type ClusterId } from './azure-ids.ts';
import { keepsOut } from './denial.ts';
import { keyAccessFindings, type KeyAccessFacts } from './diagnose.ts';
import { blocker, type Finding } from './findings.ts';
import type { Inspected, InspectedKey } from './inspection.ts';
import { chooseVersion } from './key-state.ts';
import type { RecoveryRequest } from './operation-request.ts';
import type { PlannedStep } from './plan.ts';
import type { KeyVersionSeen } from './provision-facts.ts';

/** What is to be undone, of all that can keep a cluster out of its key (R90). */
interface Undoing {
  readonly vault: boolean;
  readonly key: boolean;
  /** Versions that a revocation of this cluster has disabled. */
  readonly versions: readonly KeyVersionSeen[];
  readonly grant: boolean;
  readonly ownAccess: boolean;
}

/**
 * The plan of a recovery: exactly what keeps the cluster out is undone, as far as that is ours or can be had
 * back, and the effect is seen. Every other cause is named, with what a person does about it; nothing that a
 * retirement did is touched.
 */
export function planRecovery(
  request: RecoveryRequest,
  inspected: Inspected | undefined,
  given: AccessCircumstances,
): AccessPlan {
  const target = formatClusterId(request.cluster);
  const base = { cost: {}, losses: [], rulePack: given.rules.name };
  const unreadable =
    inspected === undefined ? [missingCluster(target)] : unseenKey(target, inspected);
  const { key } = inspected ?? {};
  if (inspected === undefined || key?.access === undefined) {
    return { ...base, steps: [], findings: unreadable };
  }
  const { access } = key;
  const undoing = undoingOf(key, access, request.cluster);
  const causes = leftOver({ key, access, undoing }, request.cluster);
  const isUndoing = undoing.vault || undoing.key || undoing.versions.length > 0 || undoing.grant;
  const findings = causes.map((cause): Finding =>
    isUndoing && !keepsOut(cause) ? { ...cause, severity: 'warning' } : cause,
  );
  return {
    ...base,
    steps: stepsOf({ inspected, key, access, undoing }, given),
    findings: [...findings, ...lostAssignments(access), ...unseenEffect(inspected, given)],
  };
}

/** Whether a version is disabled by a revocation of this cluster, and by nothing else. */
export const isRevokedFor = (
  { enabled, revokedBy, revokedFor, retiredBy }: KeyVersionSeen,
  cluster: ClusterId,
): boolean =>
  !enabled &&
  revokedBy !== undefined &&
  retiredBy === undefined &&
  sameId(revokedFor ?? '', clusterPath(cluster));

/** A cluster in the short form that fits into the tag of a key version. */
export const clusterPath = ({ subscriptionId, resourceGroup, name }: ClusterId): string =>
  `${subscriptionId}/${resourceGroup}/${name}`;

function undoingOf(
  { versions = [] }: InspectedKey,
  access: KeyAccessFacts,
  cluster: ClusterId,
): Undoing {
  const vault = access.vault === undefined && access.deletedVault !== undefined;
  const key =
    access.vault !== undefined && access.version === undefined && access.deletedKey !== undefined;
  const ours = versions.filter((version) => isRevokedFor(version, cluster));
  return {
    vault,
    key,
    versions: ours,
    grant: access.missingGrants.length > 0,
    ownAccess: vault || ((key || ours.length > 0) && access.vault?.ownAccess === false),
  };
}

interface Seen {
  readonly key: InspectedKey;
  readonly access: KeyAccessFacts;
  readonly undoing: Undoing;
}

/** Causes that stay when all is undone that can be. */
function leftOver({ key, access, undoing }: Seen, cluster: ClusterId): Finding[] {
  const { versions = [], version } = key;
  const used = chooseVersion(versions, version === '' ? undefined : version);
  const comesBack = used !== undefined && undoing.versions.includes(used);
  return keyAccessFindings(access).flatMap((cause) => {
    const { code } = cause;
    if (code === 'vault_deleted' || code === 'key_deleted') return [];
    if (code === 'missing_permission') return [];
    if (code !== 'key_unusable' || used === undefined || used.enabled) return [cause];
    return comesBack ? [] : [whyDisabled(used, cause, cluster)];
  });
}

/** A disabled version that is not for this recovery to enable. */
function whyDisabled(
  { kid: target, retiredBy, revokedBy, revokedFor = '' }: KeyVersionSeen,
  cause: Finding,
  cluster: ClusterId,
): Finding {
  if (retiredBy !== undefined) {
    const reason = `the key version was retired by operation ${retiredBy}`;
    const remedy = 'Rotate the cluster to a version that is in use.';
    return blocker('key_unusable', 'R96', { reason, remedy, target });
  }
  if (revokedBy === undefined || sameId(revokedFor, clusterPath(cluster))) return cause;
  const reason = `operation ${revokedBy} disabled the key version when it revoked cluster ${revokedFor}`;
  return blocker('revoked_elsewhere', 'R80', { reason, target });
}

function stepsOf(
  { inspected, key, access, undoing }: Seen & { readonly inspected: Inspected },
  given: AccessCircumstances,
): PlannedStep[] {
  const { vaultId } = access;
  const { begun } = given;
  const isWanted = ({ name }: PlannedStep, isNeeded: boolean) =>
    isNeeded || begun[name] !== undefined;
  const keyTarget = `${vaultId}/keys/${key.name}`;
  const count = undoing.versions.length;
  const steps: [PlannedStep, boolean][] = [
    [
      { name: 'vault', title: 'Have the deleted vault back', target: vaultId, effect: 'change' },
      undoing.vault,
    ],
    [vaultAccessStep(vaultId), undoing.ownAccess],
    [
      {
        name: 'key',
        title: undoing.key
          ? 'Have the deleted key back'
          : `Enable the versions of the key that were revoked${count === 0 ? '' : `: ${count}`}`,
        target: keyTarget,
        effect: undoing.vault ? 'keep' : 'change',
      },
      undoing.vault || undoing.key || count > 0,
    ],
    [
      {
        name: 'grant',
        title: 'Grant of the key to the cluster',
        target: vaultId,
        effect: undoing.grant || undoing.vault ? 'change' : 'keep',
      },
      true,
    ],
    [
      {
        name: 'effect',
        title: isSeen(inspected, given)
          ? 'Data can be read again'
          : 'The limit of a recovery has passed',
        target: inspected.id,
        effect: 'keep',
      },
      true,
    ],
  ];
  return steps
    .filter(([step, isNeeded]) => isWanted(step, isNeeded))
    .map(([step]) => stepIn(begun, step));
}

/** What a vault that was deleted has lost for good (R161). */
function lostAssignments({ deletedVault, vault, vaultId }: KeyAccessFacts): Finding[] {
  if (vault !== undefined || deletedVault === undefined) return [];
  return [
    {
      code: 'assignments_lost',
      severity: 'warning',
      rule: 'R161',
      reason: `the vault comes back without its role assignments and event subscriptions; it is kept until ${deletedVault.purgeAt}`,
      remedy: 'Make those of others again; that of the cluster is made by the recovery.',
      target: vaultId,
    },
  ];
}
