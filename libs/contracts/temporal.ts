import type { ClusterId } from '#libs/domain/azure-ids.ts';
import type { OperationKind } from '#libs/domain/events.ts';
import type { Person } from '#libs/domain/person.ts';
import type { NewVersionPolicy, OperationRequest } from '#libs/domain/operation-request.ts';

/** What the API and the worker agree on: queues, workflow ids, message names and their types. */

export const taskQueues = { workflows: 'keyturn-workflows', azure: 'keyturn-azure' } as const;

/** The entity's workflow id: `cluster/<subscription>/<group>/<name>`, lower case. */
export const clusterWorkflowId = (id: ClusterId): string =>
  `cluster/${id.subscriptionId}/${id.resourceGroup}/${id.name}`.toLowerCase();

/** The workflow id of a key's entity: `key/<vault>/<name>`, lower case; the names of vaults are the world's own (R7). */
export const keyWorkflowId = (vaultId: string, keyName: string): string =>
  `key/${vaultId.split('/').at(-1) ?? vaultId}/${keyName}`.toLowerCase();

/** The operation's workflow id. */
export const operationWorkflowId = (operationId: string): string => `operation/${operationId}`;

/** The workflow type of a kind of operation: its name in camel case. */
export const operationWorkflowType = (kind: OperationKind): string =>
  kind.replaceAll(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());

/** The workflow id of a subscription's discovery. */
export const discoveryWorkflowId = (subscriptionId: string): string =>
  `discovery/${subscriptionId}`.toLowerCase();

/** The id of the schedule that inspects every cluster, and of the workflows it starts. */
export const inspectAllId = 'inspect-all';

/** Names of search attributes, with their Temporal types. Never encrypted: ids, states and instants only. */
export const searchAttributes = {
  KeyturnState: 'KEYWORD',
  KeyturnKind: 'KEYWORD',
  KeyturnSubscription: 'KEYWORD',
  KeyturnRegion: 'KEYWORD',
  KeyturnCampaign: 'KEYWORD',
  KeyturnDeadline: 'DATETIME',
} as const;

/** Updates (answered) and signals (not answered) by name. */
export const messages = {
  requestOperation: 'requestOperation',
  changePolicy: 'changePolicy',
  approve: 'approve',
  reject: 'reject',
  resume: 'resume',
  cancel: 'cancel',
  laneRequested: 'laneRequested',
  laneReleased: 'laneReleased',
  factsLearnt: 'factsLearnt',
  operationEnded: 'operationEnded',
} as const;

/** Signals by which operations are told of a lane. */
export interface LaneSignals {
  readonly granted: string;
  readonly queued: string;
  readonly wanted: string;
  readonly hold: string;
  readonly held: string;
}

/** Of the lane of their cluster. */
export const clusterLaneSignals: LaneSignals = {
  granted: 'laneGranted',
  queued: 'laneQueued',
  wanted: 'laneWanted',
  hold: 'hold',
  held: 'held',
};

/** Of the lane of a key. */
export const keyLaneSignals: LaneSignals = {
  granted: 'keyGranted',
  queued: 'keyQueued',
  wanted: 'keyWanted',
  hold: 'keyHold',
  held: 'keyHeld',
};

/** The argument of `requestOperation` on the entity. */
export interface OperationOrder {
  readonly operationId: string;
  /** sha256 of the canonical raw body; the ticket repeats it, so that another body under one key is seen. */
  readonly bodyHash: string;
  readonly updateId: string;
  readonly kind: OperationKind;
  readonly request: OperationRequest;
  readonly requestedBy: Person;
}

/** The argument of `changePolicy` on the entity; it answers with its card. */
export interface PolicyChange {
  readonly onNewVersion: NewVersionPolicy;
  readonly by: Person;
}

/** The entity's answer: the operation exists from now on. */
export interface Ticket {
  readonly operationId: string;
  readonly bodyHash: string;
}

/** The argument of `approve` and `reject` on an operation. */
export interface Answer {
  readonly by: Person;
  readonly planHash?: string;
  readonly reason?: string;
}

/** The argument of `resume` and `cancel` on an operation. */
export interface Resolution {
  readonly by: Person;
  readonly reason?: string;
}
