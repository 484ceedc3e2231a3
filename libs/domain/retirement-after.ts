import { sameId } from './azure-ids.ts';
import type { EvidenceGrade } from './evidence-grade.ts';
import type { RetirementRequest, RotationRequest } from './operation-request.ts';
import type { Rotation } from './rotation.ts';

/** What a rotation did. */
export interface Rotated {
  readonly rotation: Rotation;
  /** The version that is in use now. */
  readonly version: string;
  /** Epoch ms. */
  readonly boundAt: number;
  /** Of the rotation. */
  readonly operationId: string;
  readonly proof: EvidenceGrade;
  /** Whether other clusters of the key are rotated too. */
  readonly isTogether?: boolean;
}

/** How long the rotations of other clusters may take at least: a bind takes minutes. */
const othersMs = 3_600_000;

/** The retirement of the version that a rotation has left; undefined when it left none, or is not to. */
export function retirementAfter(
  { cluster, keepMs }: RotationRequest,
  { rotation, version, boundAt, operationId, proof, isTogether = false }: Rotated,
): RetirementRequest | undefined {
  const { from, vaultId, keyName } = rotation;
  if (keepMs === undefined || from === '' || sameId(from, version)) return undefined;
  const leastMs = isTogether ? othersMs : 0;
  return {
    cluster,
    version: from,
    key: { vaultId, name: keyName },
    keepMs,
    notBefore: new Date(boundAt + Math.max(keepMs, leastMs)).toISOString(),
    proof,
    follows: operationId,
    planOnly: false,
  };
}
