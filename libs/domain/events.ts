import type { EvidenceGrade } from './evidence-grade.ts';
import type { Finding } from './findings.ts';
import type { Person } from './person.ts';
import type { Plan } from './plan.ts';
import type { NewVersionPolicy, OperationRequest, RequestOf } from './operation-request.ts';

/** What may happen to a cluster or an operation, in the past tense, with the data each fact carries. */
export interface EventData {
  OperationRequested: { kind: OperationKind; request: OperationRequest; requestedBy: Person };
  PlanMade: { plan: Plan };
  ApprovalAsked: { planHash: string; from: 'requester' | 'second-person'; reason: string };
  ApprovalGiven: { planHash: string; by: Person; via: 'request' | 'approve' | 'break-glass' };
  ApprovalRefused: { by: Person; reason: string };
  PolicyChanged: { onNewVersion: NewVersionPolicy; by: Person };
  StepStarted: { step: string };
  StepVerified: { step: string; detail: string };
  WaitStarted: { step?: string; reason: WaitReason; detail: string; until?: string };
  WaitEnded: { reason: WaitReason };
  AttentionRaised: {
    step: string;
    reason: string;
    seen: string;
    choices: readonly AttentionChoice[];
  };
  AttentionResolved: { choice: AttentionChoice; by: Person };
  FindingRaised: { finding: Finding };
  FindingCleared: { code: string };
  VaultCreated: { vaultId: string };
  VaultProtected: { vaultId: string };
  KeyVersionCreated: { kid: string };
  KeyVersionDisabled: { kid: string };
  KeyVersionEnabled: { kid: string };
  GrantMade: { vaultId: string; principalId: string; permissions: readonly string[] };
  GrantRemoved: { vaultId: string; principalId: string };
  ClusterCreated: {
    clusterId: string;
    region: string;
    capacityGbPerDay: number;
    principalId: string;
    /** Absent in what earlier releases wrote. */
    doubleEncryption?: boolean;
  };
  /** A cluster that is there was read: what it shows replaces what was known of it. */
  ClusterSeen: ClusterSeen;
  KeyVersionBound: { clusterId: string; kid: string; mode: 'explicit' | 'automatic' };
  /** The cluster's grant was taken away by us: within the hour its data cannot be read (R82). */
  AccessLost: { clusterId: string; principalId: string; reason: string };
  AccessReturned: { clusterId: string };
  WorkspaceLinked: { clusterId: string; workspaceId: string };
  /** Another operation is to follow this one when it has ended; the cluster's entity starts it, once. */
  FollowUpWanted: {
    operationId: string;
    kind: OperationKind;
    request: OperationRequest;
    requestedBy: Person;
  };
  OperationEnded: { outcome: Outcome };
}

/** What an inspection shows of a cluster, whoever made it. */
export interface ClusterSeen {
  readonly clusterId: string;
  readonly region: string;
  readonly capacityGbPerDay: number;
  readonly doubleEncryption: boolean;
  readonly principalId?: string;
  readonly key?: { readonly kid: string; readonly mode: 'explicit' | 'automatic' };
  /** When a deleted vault or key that it depends on is purged, and cannot be had back any more. */
  readonly purge?: Purge;
  readonly linkedWorkspaces: number;
  /** The five gravest, and how many there are. */
  readonly findings: { readonly top: readonly Finding[]; readonly count: number };
}

/** The end of what was deleted. */
export interface Purge {
  readonly reason: 'vault_purged' | 'key_purged';
  /** ISO 8601. */
  readonly at: string;
}

export type EventType = keyof EventData;

/** One event: the envelope is the same everywhere, `seq` counts within the stream from 1. */
export type DomainEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly v: 1;
    /** The id of the workflow that wrote it. */
    readonly stream: string;
    readonly seq: number;
    readonly type: K;
    /** Workflow time, ISO 8601. */
    readonly at: string;
    /** Resource id of the cluster. */
    readonly cluster?: string;
    readonly operationId?: string;
    readonly data: EventData[K];
  };
}[T];

/** An event before it has its place in a stream. */
export type Fact<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly data: EventData[K] };
}[T];

/** Makes a fact; exists so that type and data are checked together where it is made. */
export const fact = <T extends EventType>(type: T, data: EventData[T]): Fact =>
  ({ type, data }) as Fact;

export type OperationKind = keyof RequestOf;

/** Why an operation stands still without being stuck. */
export type WaitReason =
  | 'lane'
  | 'name_reserved'
  | 'azure'
  | 'grant_spreading'
  | 'soak'
  | 'effect'
  | 'recovery_planned';

export type AttentionChoice = 'resume' | 'cancel';

/** What an operation ends with. There is no ending called failed. */
export interface Outcome {
  readonly result: 'succeeded' | 'refused' | 'rejected' | 'cancelled';
  readonly summary: string;
  /** Blockers that refused it, or what is worth knowing about the result. */
  readonly findings: readonly Finding[];
  /** What was seen at the end, each with the grade of its evidence. */
  readonly evidence: readonly Evidence[];
  /** Since when newly ingested data is under the customer's key (R10): nothing retroactive. */
  readonly encryptedSince?: string;
  /** What a cancelled operation leaves behind. */
  readonly left?: readonly string[];
}

export interface Evidence {
  readonly claim: string;
  readonly grade: EvidenceGrade;
  /** Azure's request id of the read that showed it. */
  readonly requestId?: string;
}
