import { CancellationScope, patched } from '@temporalio/workflow';

import { keyLaneSignals, keyWorkflowId } from '#libs/contracts/temporal.ts';
import type { LaneName } from '#libs/domain/lane.ts';

import { OperationLane } from './operation-lane.ts';
import { keys } from './proxies.ts';
import type { Timeline } from './timeline.ts';

/** Which key a deed concerns, and how. */
export interface KeyHold {
  /** Resource id. */
  readonly vaultId: string;
  readonly keyName: string;
  readonly how: 'exclusive' | 'shared' | 'emergency';
}

const laneFor: Readonly<Record<KeyHold['how'], LaneName>> = {
  exclusive: 'main',
  shared: 'shared',
  emergency: 'emergency',
};

/** For entities that begin with the first message and end with the last, which only an activity can start. */
const tellKey = async (entity: string, message: string, arg: object) =>
  await keys.tellKey({ entity, message, arg });

/** An operation's side of the lanes of keys, of which it holds one at a time, after its cluster's. */
export class KeyLane {
  readonly #lane: OperationLane;
  #entity = '';

  constructor(operationId: string, timeline: Timeline) {
    const lane = {
      operationId,
      signals: keyLaneSignals,
      entity: () => this.#entity,
      tell: tellKey,
    };
    this.#lane = new OperationLane(lane, timeline);
  }

  /** Whether a deed of an operation that was overtaken may still take effect on the key. */
  get othersWrite(): boolean {
    return this.#lane.othersWrite;
  }

  /** Does a deed while the key's lane is held. `stop` ends the wait for it early. */
  async during<T>(
    { vaultId, keyName, how }: KeyHold,
    deed: () => Promise<T>,
    stop: () => boolean,
  ): Promise<T> {
    // Operations that an earlier release began know of no keys' lanes.
    if (!patched('key-lanes')) return await deed();
    this.#entity = keyWorkflowId(vaultId, keyName);
    try {
      await this.#lane.take(laneFor[how], stop);
      this.#lane.beginWriting();
      return await deed();
    } finally {
      await CancellationScope.nonCancellable(async () => {
        await this.#lane.endWriting();
        await this.#lane.end([]);
      });
    }
  }
}
