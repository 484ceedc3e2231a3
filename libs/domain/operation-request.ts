import type { ClusterId } from './azure-ids.ts';
import type { EvidenceGrade } from './evidence-grade.ts';
import type { KeyRequest, ProvisionRequest } from './provision-request.ts';

/** A request to read a cluster that is there, and to change nothing. */
export interface InspectionRequest {
  readonly cluster: ClusterId;
  readonly planOnly: boolean;
  /** The hash of a plan seen before. */
  readonly acceptPlan?: string;
}

/** What happens when a version appears in the vault that the cluster does not use: it is bound, or reported. */
export type NewVersionPolicy = 'bind' | 'report';

/** A request to look after a cluster that is there. */
export interface AdoptionRequest extends InspectionRequest {
  readonly onNewVersion?: NewVersionPolicy;
}

/** A request to put another version of its key under a cluster (R93-R97). */
export interface RotationRequest extends InspectionRequest {
  /** A new version, the latest there is, or one by its 32 hexadecimal digits. */
  readonly to: string;
  /** How the cluster follows the key afterwards; absent, as it does now. */
  readonly mode?: 'explicit' | 'automatic';
  /** Whether the other clusters on the key are rotated to that version too; absent, this one alone. */
  readonly clusters?: 'all';
  /** How long to wait after the bind before the proof, ms. */
  readonly soakMs: number;
  /** How long after the bind the version that is left stays enabled, ms; absent, it is not retired. */
  readonly keepMs?: number;
}

/** A request to put another key under a cluster, because the one in use is not to be trusted any more. */
export interface ReplacementRequest extends InspectionRequest {
  readonly key: KeyRequest;
  /** Why; it stands in the audit trail. */
  readonly reason: string;
  /** How long to wait after the bind before the proof, ms. */
  readonly soakMs: number;
  /** How long after the bind the key that is left stays enabled, ms; absent, it is not retired. */
  readonly keepMs?: number;
}

/** Every enabled version of a key. */
export const everyVersion = 'every';

/** A request to disable what a cluster was protected by, once nothing uses it any more (R96). */
export interface RetirementRequest extends InspectionRequest {
  /** A version by its 32 hexadecimal digits, or `every` one of the key that is enabled. */
  readonly version: string;
  /** The key it is of, by the resource id of its vault; absent, the one that the cluster uses. */
  readonly key?: { readonly vaultId: string; readonly name: string };
  /** How long a cluster of that key must have been on another version, ms. */
  readonly keepMs: number;
  /** Not before this instant either, ISO 8601. */
  readonly notBefore?: string;
  /** The grade of the proof that its cluster has left it, where there was one. */
  readonly proof?: EvidenceGrade;
  /** The operation that left it behind. */
  readonly follows?: string;
}

/** A request to take a cluster's access to its key away (R80). */
export interface RevocationRequest extends InspectionRequest {
  /** Why; it stands in the audit trail. */
  readonly reason: string;
  /** An approver revokes alone, loudly and to be reviewed. */
  readonly breakGlass: boolean;
  /** What is taken away: the cluster's own grant, which touches nobody else, or the key from all who use it. */
  readonly by?: 'grant' | 'versions';
  /** When it is recovered by itself, ISO 8601; absent, when somebody asks for it. */
  readonly recoverAt?: string;
}

/** A request to give a cluster its access back (R90). */
export interface RecoveryRequest extends InspectionRequest {
  /** Not before this instant, ISO 8601. */
  readonly notBefore?: string;
  /** The revocation that has planned it. */
  readonly follows?: string;
}

/** What is asked of a cluster, by the kind of operation. */
export interface RequestOf {
  readonly provision: ProvisionRequest;
  readonly inspect: InspectionRequest;
  /** An inspection by which Keyturn begins to look after the cluster. */
  readonly adopt: AdoptionRequest;
  readonly rotate: RotationRequest;
  readonly 'retire-version': RetirementRequest;
  readonly 'replace-key': ReplacementRequest;
  readonly revoke: RevocationRequest;
  readonly recover: RecoveryRequest;
}

export type OperationRequest = RequestOf[keyof RequestOf];
