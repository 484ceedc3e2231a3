import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import {
  clusterLaneSignals,
  messages,
  type OperationOrder,
  type PolicyChange,
  type Ticket,
} from '#libs/contracts/temporal.ts';
import { cardOf, decide, unknownCluster, type Cluster } from '#libs/domain/cluster.ts';
import type { DomainEvent, Fact } from '#libs/domain/events.ts';
import { freeLane, type Lane, type LaneName } from '#libs/domain/lane.ts';
import { dayMs } from '#libs/domain/service-rules.ts';

import { ClusterRecord } from './cluster-record.ts';
import { FollowUps } from './follow-ups.ts';
import { LaneDesk } from './lane-desk.ts';
import { startOperation } from './start-operation.ts';

/** How long a request stays answered under its key. */
const answeredDays = 400;

interface Answered {
  readonly ticket: Ticket;
  readonly at: number;
}

export interface ClusterInput {
  /** Resource id. */
  readonly clusterId: string;
  /** What goes on when the entity continues as new. */
  readonly carried?: {
    readonly cluster: Cluster;
    readonly lane: Lane;
    readonly answered: Readonly<Record<string, Answered>>;
  };
}

interface Requested {
  readonly operationId: string;
  readonly lane: LaneName;
}

interface Released {
  readonly fence: number;
  readonly now: number;
  readonly events: readonly DomainEvent[];
}

interface Learnt extends Pick<Released, 'events'> {
  /** How many events the entity had when this was read; absent, it is of an operation that knows. */
  readonly basedOn?: number;
}

interface Ended extends Omit<Released, 'fence'> {
  readonly operationId: string;
}

/**
 * The entity of a cluster: who may write, in which order, and what is known. It calls no Azure and owns no
 * timer. Requests are updates; operations talk to it by signals.
 */
export async function cluster({ clusterId, carried }: ClusterInput): Promise<void> {
  const record = new ClusterRecord(carried?.cluster ?? unknownCluster(clusterId));
  const desk = new LaneDesk(carried?.lane ?? freeLane, {
    signals: clusterLaneSignals,
    record: (facts) => record.record(facts),
    revokedAt: () => record.cluster.revokedAt,
  });
  const followUps = new FollowUps(record);
  const answered: Record<string, Answered> = { ...carried?.answered };

  setHandler(
    defineUpdate<Ticket, [OperationOrder]>(messages.requestOperation),
    async (order) => {
      const known = answered[order.updateId];
      if (known !== undefined) return known.ticket;
      const facts = mustBeAllowed(record.cluster, { type: 'RequestOperation', ...order });
      const ticket = { operationId: order.operationId, bodyHash: order.bodyHash };
      answered[order.updateId] = { ticket, at: Date.now() };
      record.record(facts, order.operationId);
      record.show();
      await startOperation(order, record.cluster.id);
      return ticket;
    },
    {
      // Refusing here leaves no event.
      validator: (order) => {
        if (answered[order.updateId] !== undefined) return;
        mustBeAllowed(record.cluster, { type: 'RequestOperation', ...order });
      },
    },
  );
  takeWishes(record);
  setHandler(defineSignal<[Requested]>(messages.laneRequested), (asked) =>
    desk.put({ type: 'requested', ...asked }),
  );
  setHandler(defineSignal<[Released]>(messages.laneReleased), ({ fence, now, events }) => {
    record.take(events);
    followUps.take(events);
    desk.put({ type: 'released', fence, now });
  });
  setHandler(defineSignal<[Learnt]>(messages.factsLearnt), ({ events, basedOn }) => {
    // What was read of the cluster before something else became known may be of before it.
    if (basedOn === undefined || basedOn === record.cluster.seq) record.take(events);
  });
  setHandler(defineSignal<[Ended]>(messages.operationEnded), ({ operationId, now, events }) => {
    record.take(events);
    followUps.take(events);
    desk.put({ type: 'ended', operationId, now });
  });

  // A request that came with the start is handled before this goes on; without one there is nothing to keep.
  await Promise.resolve();
  await condition(allHandlersFinished);
  if (Object.keys(answered).length === 0) return;

  const full = () => workflowInfo().continueAsNewSuggested;
  for (;;) {
    await condition(() => desk.hasWork || followUps.hasWork || record.hasUnshown || full());
    await desk.work();
    await followUps.work();
    record.show();
    if (!full()) continue;
    await condition(allHandlersFinished);
    if (desk.hasWork || followUps.hasWork || record.hasUnshown) continue;
    const still = { cluster: record.cluster, lane: desk.lane, answered: recent(answered) };
    // A memo does not go over by itself, and readers know the cluster by its card alone.
    const goOn = makeContinueAsNewFunc<typeof cluster>({ memo: record.memo });
    await goOn({ clusterId, carried: still });
  }
}

/** How the cluster is looked after may be changed at any time. */
function takeWishes(record: ClusterRecord): void {
  const decided = (change: PolicyChange) =>
    mustBeAllowed(record.cluster, { type: 'ChangePolicy', ...change });
  setHandler(
    defineUpdate<Cluster, [PolicyChange]>(messages.changePolicy),
    (change) => {
      record.record(decided(change));
      return cardOf(record.cluster);
    },
    { validator: (change) => void decided(change) },
  );
}

/** @throws ApplicationFailure typed by the refusal's code */
function mustBeAllowed(known: Cluster, command: Parameters<typeof decide>[1]): readonly Fact[] {
  const decided = decide(known, command);
  if (!('code' in decided)) return decided;
  const { code: type, reason: message } = decided;
  throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [decided] });
}

function recent(answered: Readonly<Record<string, Answered>>): Record<string, Answered> {
  const oldest = Date.now() - answeredDays * dayMs;
  return Object.fromEntries(Object.entries(answered).filter(([, { at }]) => at >= oldest));
}
