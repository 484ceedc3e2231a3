import type { z } from 'zod';
import type { TicketView } from '#libs/contracts/http/answers.ts';
import { ticketView } from '#libs/contracts/http/answers.ts';
import type {
  ClusterList,
  ClusterPath,
  ClusterView,
  PolicyBody,
} from '#libs/contracts/http/cluster-views.ts';
import type { clusterQuery } from '#libs/contracts/http/cluster-views.ts';
import { clusterList, clusterView } from '#libs/contracts/http/cluster-views.ts';
import { evidenceView } from '#libs/contracts/http/evidence-views.ts';
import type { EvidenceView, Period } from '#libs/contracts/http/evidence-views.ts';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import type { OperationList, OperationView } from '#libs/contracts/http/operation-views.ts';
import type { operationQuery } from '#libs/contracts/http/operation-views.ts';
import { operationList, operationView } from '#libs/contracts/http/operation-views.ts';
import { discoveryView } from '#libs/contracts/http/discovery-views.ts';
import type { DiscoveryView } from '#libs/contracts/http/discovery-views.ts';
import type { OperationBodyInput } from '#libs/contracts/http/operation-body.ts';
import type { ProvisionBodyInput } from '#libs/contracts/http/provision-body.ts';
import { readEventStream } from './event-stream.ts';
import type { ClientOptions, Send } from './transport.ts';
import { createListening, createTransport } from './transport.ts';

/** Members of a list's query; all may be left out. */
export type ClusterFilter = Partial<z.input<typeof clusterQuery>> & { limit?: number };
export type OperationFilter = Partial<z.input<typeof operationQuery>> & { limit?: number };

/** How a request that changes something is sent. */
export interface Sending {
  /** Repeating key and body repeats the answer, not the work. A new key if absent. */
  readonly idempotencyKey?: string;
}

/** An answer of a person to an operation. */
export interface Answering extends Sending {
  readonly reason?: string;
}

/** From where on events are read. */
export interface Resuming {
  /** Number of the last event seen; absent, all are read. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** The HTTP API, typed by its contract. Every method throws `ProblemError` when the API says no. */
export interface Client {
  provisionCluster(body: ProvisionBodyInput, sending?: Sending): Promise<TicketView>;
  /** Orders an inspection or an adoption of a cluster. */
  operateCluster(id: ClusterPath, body: OperationBodyInput, sending?: Sending): Promise<TicketView>;
  readCluster(id: ClusterPath): Promise<ClusterView>;
  /** Says how Keyturn looks after a cluster. */
  changeClusterPolicy(id: ClusterPath, body: PolicyBody): Promise<ClusterView>;
  listClusters(filter?: ClusterFilter): Promise<ClusterList>;
  /** Reads the clusters of a subscription in Azure; state `running` says to ask again. */
  discoverClusters(subscription: string): Promise<DiscoveryView>;
  readOperation(id: string, signal?: AbortSignal): Promise<OperationView>;
  listOperations(filter?: OperationFilter): Promise<OperationList>;
  /**
   * The operation's events after the one with that number, as they happen; undefined when nothing comes any
   * more. One connection, which may end early: `followOperation` resumes it.
   */
  readEvents(id: string, resuming?: Resuming): Promise<AsyncIterable<EventView> | undefined>;
  /** What proves the operation, to be verified without the API (`npm run verify-evidence`). */
  readOperationEvidence(id: string): Promise<EvidenceView>;
  /** The same for a period of a cluster, whose end is not part of it. */
  readClusterEvidence(id: ClusterPath, period: Period): Promise<EvidenceView>;
  /** Says yes to the plan with this hash, and to no other. */
  approveOperation(id: string, planHash: string, answering?: Answering): Promise<OperationView>;
  rejectOperation(id: string, answering?: Answering): Promise<OperationView>;
  resumeOperation(id: string, answering?: Answering): Promise<OperationView>;
  cancelOperation(id: string, answering?: Answering): Promise<OperationView>;
}

/** A client of the API at `baseUrl`. */
export function createClient(options: ClientOptions): Client {
  const send = createTransport(options);
  const listen = createListening(options);
  const answer = (id: string, action: string, { idempotencyKey, ...body }: AnswerBody) =>
    send({
      method: 'POST',
      path: `${operationPath(id)}/${action}`,
      answer: operationView,
      body,
      idempotencyKey: idempotencyKey ?? crypto.randomUUID(),
    });
  return {
    ...clusterMethods(send),
    discoverClusters: (subscription) =>
      send({
        method: 'GET',
        path: '/v1/discovery',
        answer: discoveryView,
        query: { subscription },
      }),
    readOperation: (id, signal) =>
      send({
        method: 'GET',
        path: operationPath(id),
        answer: operationView,
        ...(signal !== undefined && { signal }),
      }),
    listOperations: (query = {}) =>
      send({ method: 'GET', path: '/v1/operations', answer: operationList, query: texts(query) }),
    readEvents: async (id, { after = 0, ...resuming } = {}) => {
      const body = await listen({ path: `${operationPath(id)}/events`, after, ...resuming });
      return body && readEventStream(body);
    },
    ...evidenceMethods(send),
    approveOperation: (id, planHash, answering) =>
      answer(id, 'approve', { ...answering, planHash }),
    rejectOperation: (id, answering = {}) => answer(id, 'reject', answering),
    resumeOperation: (id, answering = {}) => answer(id, 'resume', answering),
    cancelOperation: (id, answering = {}) => answer(id, 'cancel', answering),
  };
}

type AnswerBody = Answering & { readonly planHash?: string };

function clusterMethods(
  send: Send,
): Pick<
  Client,
  'provisionCluster' | 'operateCluster' | 'readCluster' | 'changeClusterPolicy' | 'listClusters'
> {
  return {
    provisionCluster: (body, sending = {}) =>
      send({
        method: 'POST',
        path: '/v1/clusters',
        answer: ticketView,
        body,
        idempotencyKey: sending.idempotencyKey ?? crypto.randomUUID(),
      }),
    operateCluster: (id, body, sending = {}) =>
      send({
        method: 'POST',
        path: `${clusterPath(id)}/operations`,
        answer: ticketView,
        body,
        idempotencyKey: sending.idempotencyKey ?? crypto.randomUUID(),
      }),
    readCluster: (id) => send({ method: 'GET', path: clusterPath(id), answer: clusterView }),
    changeClusterPolicy: (id, body) =>
      send({ method: 'PATCH', path: clusterPath(id), answer: clusterView, body }),
    listClusters: (query = {}) =>
      send({ method: 'GET', path: '/v1/clusters', answer: clusterList, query: texts(query) }),
  };
}

function evidenceMethods(
  send: Send,
): Pick<Client, 'readOperationEvidence' | 'readClusterEvidence'> {
  return {
    readOperationEvidence: (id) =>
      send({ method: 'GET', path: `${operationPath(id)}/evidence`, answer: evidenceView }),
    readClusterEvidence: (id, { from, to }) =>
      send({
        method: 'GET',
        path: `${clusterPath(id)}/evidence`,
        answer: evidenceView,
        query: { from, to },
      }),
  };
}

const clusterPath = ({ subscriptionId, resourceGroup, name }: ClusterPath): string =>
  `/v1/clusters/${[subscriptionId, resourceGroup, name].map(encodeURIComponent).join('/')}`;

const operationPath = (id: string): string => `/v1/operations/${encodeURIComponent(id)}`;

const texts = (query: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
