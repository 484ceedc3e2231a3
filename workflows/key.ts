import {
  condition,
  continueAsNew,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import { keyLaneSignals, messages } from '#libs/contracts/temporal.ts';
import { freeLane, isFree, type Lane, type LaneName } from '#libs/domain/lane.ts';

import { LaneDesk } from './lane-desk.ts';

export interface KeyInput {
  /** What goes on when the entity continues as new. */
  readonly lane?: Lane;
}

interface Requested {
  readonly operationId: string;
  readonly lane: LaneName;
}

interface Released {
  readonly fence: number;
  readonly now: number;
}

interface Done {
  readonly operationId: string;
  readonly now: number;
}

/**
 * The entity of a key that may serve several clusters: who may change its versions, and who may only bind them.
 * It begins with the first who asks and ends when nobody holds it or waits.
 */
export async function key({ lane = freeLane }: KeyInput): Promise<void> {
  const desk = new LaneDesk(lane, {
    signals: keyLaneSignals,
    // Who vanished while it held a key's lane held its cluster's too, whose entity tells of it.
    record: () => {},
    revokedAt: () => undefined,
  });
  setHandler(defineSignal<[Requested]>(messages.laneRequested), (asked) =>
    desk.put({ type: 'requested', ...asked }),
  );
  setHandler(defineSignal<[Released]>(messages.laneReleased), ({ fence, now }) =>
    desk.put({ type: 'released', fence, now }),
  );
  setHandler(defineSignal<[Done]>(messages.operationEnded), ({ operationId, now }) =>
    desk.put({ type: 'ended', operationId, now }),
  );
  const isFull = () => workflowInfo().continueAsNewSuggested;
  for (;;) {
    await condition(() => desk.hasWork || isFull());
    await desk.work();
    if (isFree(desk.lane)) return;
    if (isFull()) await continueAsNew<typeof key>({ lane: desk.lane });
  }
}
