import type { DomainEvent, Fact, OperationKind } from './events.ts';
import { fact } from './events.ts';
import { beginOperation, evolveOperation, type Operation } from './operation.ts';
import type { Person } from './person.ts';
import type { OperationRequest } from './operation-request.ts';

/** What an operation is started with: the entity and the operation build the same first event from it. */
export interface OperationInput<R extends OperationRequest = OperationRequest> {
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly request: R;
  readonly requestedBy: Person;
  /** ISO 8601, workflow time of the entity. */
  readonly requestedAt: string;
  /** Resource id of the cluster. */
  readonly cluster: string;
  /** Workflow id of the operation. */
  readonly stream: string;
  /** Workflow id of the cluster's entity. */
  readonly entity: string;
}

/** Where an event belongs. */
export interface Place {
  readonly stream: string;
  readonly seq: number;
  readonly at: string;
  readonly cluster: string;
  readonly operationId?: string;
}

/** Puts a fact into its place in a stream. */
export const eventOf = ({ type, data }: Fact, place: Place): DomainEvent =>
  ({ v: 1, ...place, type, data }) as DomainEvent;

/** The first event of every operation. */
export function firstEvent(input: OperationInput): DomainEvent<'OperationRequested'> {
  const { kind, request, requestedBy, requestedAt: at, cluster, stream, operationId } = input;
  const requested = fact('OperationRequested', { kind, request, requestedBy });
  return eventOf(requested, {
    stream,
    seq: 1,
    at,
    cluster,
    operationId,
  }) as DomainEvent<'OperationRequested'>;
}

/**
 * The id of the operation that follows another, always the same one: a UUID of version 8, the version for
 * schemes of one's own (RFC 9562, 5.8), so that it is no id of a request. The last digit counts along a chain.
 */
export function followUpIdOf(operationId: string): string {
  const last = (Number.parseInt(operationId.slice(-1), 16) + 1) % 16;
  return `${operationId.slice(0, 14)}8${operationId.slice(15, -1)}${last.toString(16)}`;
}

/** The operation that a whole stream tells of; undefined when the stream does not begin one. */
export function foldOperation(id: string, events: readonly DomainEvent[]): Operation | undefined {
  const [first, ...rest] = events;
  if (first?.type !== 'OperationRequested') return undefined;
  return rest.reduce(evolveOperation, beginOperation(first, id));
}
