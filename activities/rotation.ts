import type { Azure, Call, ClusterFacts } from '#libs/azure/azure.ts';
import { clusterWorkflowId } from '#libs/contracts/temporal.ts';
import {
  formatClusterId,
  sameId,
  sameVaultUri,
  vaultUriOf,
  type ClusterId,
} from '#libs/domain/azure-ids.ts';
import type { Evidence } from '#libs/domain/events.ts';
import { isBlocked, type Finding } from '#libs/domain/findings.ts';
import {
  keyMateFindings,
  rotatedTogether,
  withMates,
  type KeyMate,
} from '#libs/domain/key-mates.ts';
import { judgeUses, shownEvidence, unprovenFinding } from '#libs/domain/key-use.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { asRevoked } from '#libs/domain/revoked-meanwhile.ts';
import { planRotation, sameVersion, type Rotation } from '#libs/domain/rotation.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { again } from './failures.ts';
import type { Fleet } from './inspect-all.ts';
import { inspectCluster } from './inspection.ts';
import { readKeyUses, type AuditSource } from './key-uses.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import { vaultIdOf } from './resource-ids.ts';
import { readUsers } from './retirement.ts';
import { entityOf } from './rotate-together.ts';

export interface RotationOrder {
  readonly request: RotationRequest;
  readonly operationId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

export interface PlannedRotation extends Planned {
  readonly rotation?: Rotation & {
    readonly sizeBits: number;
    /** Resource ids of the clusters that are rotated to the version as well. */
    readonly together?: readonly string[];
  };
}

export interface ProofOrder {
  readonly cluster: ClusterId;
  readonly rotation: Rotation;
  readonly version: string;
  /** When the cluster was seen to be bound, epoch ms of workflow time. */
  readonly boundAt: number;
  /** How long the audit is looked into, ms of workflow time; 0 looks once. */
  readonly patienceMs: number;
}

export interface RotationProof {
  readonly evidence: Evidence;
  /** What the cluster shows when it is not the version asked for. */
  readonly other?: string;
  /** Why nothing better is known: the audit may show it later, or there is none to be read. */
  readonly unproven?: { readonly reason: string; readonly isOpen: boolean };
  readonly findings?: readonly Finding[];
}

const noAudit = 'no workspace with the audit of vaults is configured that could prove its use';
const lookAgainMs = 60_000;

interface RotationMeans {
  readonly rules: ServiceRules;
  readonly audit: AuditSource | undefined;
  /** Knows which of the other clusters on a key Keyturn looks after. */
  readonly fleet: Pick<Fleet, 'read'>;
}

/** Deeds of a rotation that only read: what it will do, and what has become of it. */
export function rotationActivities(azure: Azure, { rules, audit, fleet }: RotationMeans) {
  return {
    async planRotation(order: RotationOrder): Promise<PlannedRotation> {
      const { request, operationId, now, begun } = order;
      return await callAzure(async (call) => {
        const { cluster } = request;
        const inspected = await inspectCluster(azure, { cluster, now, needsVault: true }, call);
        const given = { rules, now, operationId, begun };
        const { plan: first, rotation } = planRotation(request, inspected, given);
        const own = await toldOfRevocation(fleet, { cluster, plan: first });
        if (rotation === undefined)
          return { plan: { ...own, hash: hashOf('rotate', request, own) } };
        const mates = await readMates({ azure, fleet }, { request, rotation }, call);
        const together = rotatedTogether(mates, request, { to: rotation.to, begun });
        const plan = withMates(own, together);
        const findings = [...plan.findings, ...keyMateFindings(mates, request, together)];
        const planned = { plan: { ...plan, findings, hash: hashOf('rotate', request, plan) } };
        const vaultUri = vaultUriOf(vaultIdOf(rotation.vaultId));
        const version = rotation.from === '' ? undefined : rotation.from;
        const { value: key } = await azure.keys.read(vaultUri, rotation.keyName, version, call);
        // A new version is like the one before it; Key Vault itself rotates so too (azure-domain 4.2).
        return { ...planned, rotation: { ...rotation, together, sizeBits: key?.sizeBits ?? 0 } };
      });
    },

    /**
     * Whether the cluster uses the version: proven by the vault's audit where that is configured, else observed where
     * the cluster names a version, else a stated limit.
     */
    async proveRotation(order: ProofOrder): Promise<RotationProof> {
      const { cluster, rotation, version, patienceMs } = order;
      return await callAzure(async (call, attempt) => {
        const { value, requestId } = await azure.clusters.read(cluster, call);
        const shown = value?.key?.version ?? '';
        if (value?.key !== undefined && !isOn(value.key, rotation)) {
          const { vaultUri, name } = value.key;
          const other = `${shown} of key ${name} in ${vaultUri}`;
          return {
            evidence: shownEvidence({ mode: 'explicit', version, shown }, requestId),
            other,
          };
        }
        const evidence = shownEvidence({ mode: rotation.mode, version, shown }, requestId);
        if (shown === '' ? rotation.mode === 'explicit' : !sameVersion(shown, version))
          return { evidence, other: shown };
        if (audit === undefined) return { evidence, unproven: { reason: noAudit, isOpen: false } };
        const since = (attempt.told() as number | undefined) ?? attempt.now();
        attempt.tell(since);
        const question = questionOf(order, { audit, principalId: value?.principalId ?? '' });
        const seen = await readKeyUses(azure, { ...question, now: attempt.now() }, call);
        const verdict = judgeUses({ ...order, from: rotation.from, to: version }, seen.reading);
        if (verdict.state === 'proven') {
          const { requestId: id = requestId } = seen;
          return { evidence: { claim: verdict.claim, grade: 'proven', requestId: id } };
        }
        const { reason } = verdict;
        const isOpen = verdict.state === 'open' && attempt.now() - since < patienceMs;
        if (isOpen) throw again('StillRunning', `proving the rotation: ${reason}`, lookAgainMs);
        const findings = [unprovenFinding(verdict, formatClusterId(cluster))];
        return { evidence, unproven: { reason, isOpen: verdict.state === 'open' }, findings };
      });
    },
  };
}

/** A plan that is blocked asks the cluster's entity whether that is by a revocation. */
async function toldOfRevocation<P extends { readonly findings: readonly Finding[] }>(
  fleet: RotationMeans['fleet'],
  { cluster, plan }: { cluster: ClusterId; plan: P },
): Promise<P> {
  if (!isBlocked(plan.findings)) return plan;
  const target = formatClusterId(cluster);
  const known = await fleet.read(clusterWorkflowId(cluster));
  return { ...plan, findings: asRevoked(plan.findings, { revokedAt: known?.revokedAt, target }) };
}

/** The clusters on the key, of interest where there is a new version or the others are to have it; else none. */
async function readMates(
  { azure, fleet }: { azure: Azure } & Pick<RotationMeans, 'fleet'>,
  { request, rotation }: { request: RotationRequest; rotation: Rotation },
  call: Call,
): Promise<KeyMate[]> {
  const isForAll = request.clusters === 'all';
  if (request.to !== 'new' && !isForAll) return [];
  const { subscriptionId } = request.cluster;
  const { users } = await readUsers(azure, { ...rotation, subscriptionId }, call);
  if (!isForAll) return [...users];
  return await Promise.all(
    users.map(async (user) => {
      const known = await fleet.read(entityOf(user.id));
      return known === undefined ? user : { ...user, state: known.state };
    }),
  );
}

const isOn = (
  { vaultUri, name }: NonNullable<ClusterFacts['key']>,
  { vaultId, keyName }: Rotation,
): boolean => sameVaultUri(vaultUri, vaultUriOf(vaultIdOf(vaultId))) && sameId(name, keyName);

function questionOf(
  { rotation, boundAt }: ProofOrder,
  { audit, principalId }: { audit: AuditSource; principalId: string },
) {
  const vaultUri = vaultUriOf(vaultIdOf(rotation.vaultId));
  return {
    workspaceId: audit.workspaceId,
    vaultUri,
    keyName: rotation.keyName,
    principalId,
    since: boundAt,
  };
}
