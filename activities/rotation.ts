import type { Azure } from '#libs/azure/azure.ts';
import { vaultUriOf, type ClusterId } from '#libs/domain/azure-ids.ts';
import type { Evidence } from '#libs/domain/events.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { planRotation, sameVersion, type Rotation } from '#libs/domain/rotation.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { inspectCluster } from './inspection.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import { vaultIdOf } from './resource-ids.ts';

export interface RotationOrder {
  readonly request: RotationRequest;
  readonly operationId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

export interface PlannedRotation extends Planned {
  readonly rotation?: Rotation & { readonly sizeBits: number };
}

export interface ProofOrder {
  readonly cluster: ClusterId;
  readonly rotation: Rotation;
  readonly version: string;
}

export interface RotationProof {
  readonly evidence: Evidence;
  /** What the cluster shows when it is not the version asked for. */
  readonly other?: string;
}

/** Deeds of a rotation that only read: what it will do, and what has become of it. */
export function rotationActivities(azure: Azure, rules: ServiceRules) {
  return {
    async planRotation(order: RotationOrder): Promise<PlannedRotation> {
      const { request, operationId, now, begun } = order;
      return await callAzure(async (call) => {
        const { cluster } = request;
        const inspected = await inspectCluster(azure, { cluster, now, needsVault: true }, call);
        const given = { rules, now, operationId, begun };
        const { plan, rotation } = planRotation(request, inspected, given);
        const planned = { plan: { ...plan, hash: hashOf('rotate', request, plan) } };
        if (rotation === undefined) return planned;
        const vaultUri = vaultUriOf(vaultIdOf(rotation.vaultId));
        const version = rotation.from === '' ? undefined : rotation.from;
        const { value: key } = await azure.keys.read(vaultUri, rotation.keyName, version, call);
        // A new version is like the one before it; Key Vault itself rotates so too (azure-domain 4.2).
        return { ...planned, rotation: { ...rotation, sizeBits: key?.sizeBits ?? 0 } };
      });
    },

    /** What the cluster shows of the version: observed where it names one, a stated limit where it does not. */
    async proveRotation({ cluster, rotation, version }: ProofOrder): Promise<RotationProof> {
      return await callAzure(async (call) => {
        const { value, requestId } = await azure.clusters.read(cluster, call);
        const shown = value?.key?.version ?? '';
        if (rotation.mode === 'automatic' && shown === '') {
          const claim = `the cluster follows the latest version, which is ${version}`;
          return { evidence: { claim, grade: 'assumed', requestId } };
        }
        const claim = `the cluster shows version ${version} after the soak`;
        const evidence: Evidence = { claim, grade: 'observed', requestId };
        return sameVersion(shown, version) ? { evidence } : { evidence, other: shown };
      });
    },
  };
}
