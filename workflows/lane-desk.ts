import { getExternalWorkflowHandle } from '@temporalio/workflow';

import { messages, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { fact, type Fact } from '#libs/domain/events.ts';
import {
  askEmergencyLane,
  askLane,
  forgetInLane,
  holderOf,
  releaseLane,
  type Lane,
  type LaneName,
} from '#libs/domain/lane.ts';

/** What operations ask of the lanes; worked off one by one, so that nothing interleaves. */
type Message =
  | { readonly type: 'requested'; readonly operationId: string; readonly lane: LaneName }
  | { readonly type: 'released'; readonly fence: number; readonly now: number }
  | { readonly type: 'ended'; readonly operationId: string; readonly now: number };

interface Known {
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
        const ask = message.lane === 'emergency' ? askEmergencyLane : askLane;
        this.#lane = ask(before, message.operationId);
        if (holderOf(this.#lane) !== message.operationId) await this.#queue(message.operationId);
        break;
      }
      case 'released':
        this.#lane = releaseLane(before, message.fence, message.now);
        break;
      case 'ended': {
        const heldUntil = holderOf(before) === message.operationId ? message.now : 0;
        const lane = forgetInLane(before, message.operationId);
        this.#lane = { ...lane, notBefore: Math.max(lane.notBefore, heldUntil) };
        break;
      }
    }
    if (this.#lane.fence === before.fence) return;
    const isOvertaking = before.emergency === undefined && this.#lane.emergency !== undefined;
    await this.#grant(isOvertaking ? before.holder : undefined);
  }

  /** Tells whom one waits behind, after a look whether that one still lives: only the dead cannot be told. */
  async #queue(operationId: string): Promise<void> {
    const holder = holderOf(this.#lane);
    if (holder === undefined) return;
    if (await tell(holder, messages.laneWanted)) {
      await tell(operationId, messages.laneQueued, { behind: holder });
      return;
    }
    this.#bury(holder);
  }

  /** Grants a lane to its holder; a holder that has vanished loses it to the next. */
  async #grant(overtaken?: string): Promise<void> {
    for (;;) {
      const holder = holderOf(this.#lane);
      if (holder === undefined) return;
      const { fence, notBefore } = this.#lane;
      const revokedAt = this.#known.revokedAt();
      const granted = {
        fence,
        notBefore,
        ...(revokedAt && { revokedAt }),
        ...(overtaken && { overtaken }),
      };
      if (await tell(holder, messages.laneGranted, granted)) break;
      this.#bury(holder);
    }
    if (overtaken === undefined) return;
    const by = holderOf(this.#lane);
    if (by !== undefined && !(await tell(overtaken, messages.hold, { by }))) {
      this.#bury(overtaken);
      // It can write no more, which is all that is asked of it.
      await tell(by, messages.held, { inFlight: false });
    }
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
