import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';

import { operationWorkflowId, type LaneSignals } from '#libs/contracts/temporal.ts';
import { fact, type Fact } from '#libs/domain/events.ts';
import {
  askEmergencyLane,
  askLane,
  askToShare,
  forgetInLane,
  grantsOf,
  holdersOf,
  releaseLane,
  type Lane,
  type LaneName,
} from '#libs/domain/lane.ts';

/** What operations ask of the lanes; worked off one by one, so that nothing interleaves. */
type Message =
  /** Earlier releases knew of one lane, and named none. */
  | { readonly type: 'requested'; readonly operationId: string; readonly lane?: LaneName }
  | { readonly type: 'released'; readonly fence: number; readonly now: number }
  | { readonly type: 'ended'; readonly operationId: string; readonly now: number };

interface Known {
  /** By which signals operations are told of these lanes. */
  readonly signals: LaneSignals;
  readonly record: (facts: readonly Fact[]) => void;
  /** Since when access to the cluster's key is revoked: who gets a lane is told. */
  readonly revokedAt: () => string | undefined;
}

/** The entity's side of the lanes: grants them in order, and frees them when their holder has vanished. */
export class LaneDesk {
  readonly #inbox: Message[] = [];
  readonly #known: Known;
  #lane: Lane;

  constructor(lane: Lane, known: Known) {
    this.#lane = lane;
    this.#known = known;
  }

  get lane(): Lane {
    return this.#lane;
  }

  get hasWork(): boolean {
    return this.#inbox.length > 0;
  }

  put(message: Message): void {
    this.#inbox.push(message);
  }

  async work(): Promise<void> {
    for (let message = this.#inbox.shift(); message !== undefined; message = this.#inbox.shift()) {
      await this.#answer(message);
    }
  }

  async #answer(message: Message): Promise<void> {
    const before = this.#lane;
    switch (message.type) {
      case 'requested': {
        this.#lane = asks[message.lane ?? 'main'](before, message.operationId);
        if (!holdersOf(this.#lane).includes(message.operationId))
          await this.#queue(message.operationId);
        break;
      }
      case 'released':
        this.#lane = releaseLane(before, message.fence, message.now);
        break;
      case 'ended': {
        const heldUntil = holdersOf(before).includes(message.operationId) ? message.now : 0;
        const lane = forgetInLane(before, message.operationId);
        this.#lane = { ...lane, notBefore: Math.max(lane.notBefore, heldUntil) };
        break;
      }
    }
    if (this.#lane.fence === before.fence) return;
    const overtaken = overtakenBy(before, this.#lane);
    await this.#grant(before.fence, overtaken);
    for (const operationId of overtaken) await this.#hold(operationId);
  }

  /** Tells whom one waits behind, after a look whether that one still lives: only the dead cannot be told. */
  async #queue(operationId: string): Promise<void> {
    for (const holder of holdersOf(this.#lane)) {
      if (await tell(holder, this.#known.signals.wanted)) {
        await tell(operationId, this.#known.signals.queued, { behind: holder });
        return;
      }
      this.#bury(holder);
    }
  }

  /** Tells everybody who was granted a lane after that fence; a holder that has vanished loses it to the next. */
  async #grant(since: number, overtaken: readonly string[]): Promise<void> {
    const { signals, revokedAt } = this.#known;
    let told = since;
    for (;;) {
      const next = grantsOf(this.#lane).find((grant) => grant.fence > told);
      if (next === undefined) return;
      const at = revokedAt();
      const granted = {
        fence: next.fence,
        entity: workflowInfo().workflowId,
        notBefore: this.#lane.notBefore,
        ...(at && { revokedAt: at }),
        ...(overtaken.length > 0 && { overtaken }),
      };
      if (await tell(next.operationId, signals.granted, granted)) told = next.fence;
      else this.#bury(next.operationId);
    }
  }

  /** Tells who lost the lane to an emergency; who has vanished can write no more, which is all that is asked of it. */
  async #hold(operationId: string): Promise<void> {
    const { signals } = this.#known;
    const [by] = holdersOf(this.#lane);
    if (by === undefined || (await tell(operationId, signals.hold, { by }))) return;
    this.#bury(operationId);
    await tell(by, signals.held, { operationId, inFlight: false });
  }

  #bury(operationId: string): void {
    this.#lane = forgetInLane(this.#lane, operationId);
    const finding = {
      code: 'unclean_end',
      severity: 'warning',
      rule: 'lane',
      reason: `operation ${operationId} ended without giving the lane back`,
      remedy: 'Look at what it did last; the next operation reads everything again.',
    } as const;
    this.#known.record([fact('FindingRaised', { finding })]);
  }
}

/**
 * Who is to say that nothing of theirs is in flight any more: who held the main lane. An emergency that comes after
 * another asks all who wait for it: whoever the first one overtook is among them, and it may not have waited for that.
 */
function overtakenBy(before: Lane, { emergency, queue }: Lane): readonly string[] {
  if (emergency === undefined) return [];
  return before.emergency === undefined ? holdersOf(before) : queue;
}

const asks: Readonly<Record<LaneName, typeof askLane>> = {
  main: askLane,
  shared: askToShare,
  emergency: askEmergencyLane,
};

/** Sends a signal to an operation; false when there is no running workflow to take it. */
async function tell(operationId: string, message: string, payload?: object): Promise<boolean> {
  try {
    const handle = getExternalWorkflowHandle(operationWorkflowId(operationId));
    await (payload === undefined ? handle.signal(message) : handle.signal(message, payload));
    return true;
  } catch {
    return false;
  }
}
