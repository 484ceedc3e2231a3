import { getExternalWorkflowHandle } from '@temporalio/workflow';

import { messages, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { fact, type Fact } from '#libs/domain/events.ts';
import { askLane, forgetInLane, releaseLane, type Lane } from '#libs/domain/lane.ts';

/** What operations ask of the lane; worked off one by one, so that nothing interleaves. */
type Message =
  | { readonly type: 'requested'; readonly operationId: string }
  | { readonly type: 'released'; readonly fence: number; readonly now: number }
  | { readonly type: 'ended'; readonly operationId: string; readonly now: number };

/** The entity's side of the main lane: grants it in order, and frees it when its holder has vanished. */
export class LaneDesk {
  readonly #inbox: Message[] = [];
  readonly #record: (facts: readonly Fact[]) => void;
  #lane: Lane;

  constructor(lane: Lane, record: (facts: readonly Fact[]) => void) {
    this.#lane = lane;
    this.#record = record;
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
      case 'requested':
        this.#lane = askLane(before, message.operationId);
        if (this.#lane.holder !== message.operationId) await this.#queue(message.operationId);
        break;
      case 'released':
        this.#lane = releaseLane(before, message.fence, message.now);
        break;
      case 'ended': {
        const heldUntil = before.holder === message.operationId ? message.now : 0;
        const lane = forgetInLane(before, message.operationId);
        this.#lane = { ...lane, notBefore: Math.max(lane.notBefore, heldUntil) };
        break;
      }
    }
    if (this.#lane.fence !== before.fence) await this.#grant();
  }

  /** Tells whom one waits behind, after a look whether that one still lives: only the dead cannot be told. */
  async #queue(operationId: string): Promise<void> {
    const { holder } = this.#lane;
    if (holder === undefined) return;
    if (await tell(holder, messages.laneWanted)) {
      await tell(operationId, messages.laneQueued, { behind: holder });
      return;
    }
    this.#bury(holder);
  }

  /** Grants the lane to its holder; a holder that has vanished loses it to the next. */
  async #grant(): Promise<void> {
    for (;;) {
      const { holder, fence, notBefore } = this.#lane;
      if (holder === undefined) return;
      if (await tell(holder, messages.laneGranted, { fence, notBefore })) return;
      this.#bury(holder);
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
    this.#record([fact('FindingRaised', { finding })]);
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
