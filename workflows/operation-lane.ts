import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
} from '@temporalio/workflow';

import { messages, operationWorkflowId, type LaneSignals } from '#libs/contracts/temporal.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import { fact } from '#libs/domain/events.ts';
import type { LaneName } from '#libs/domain/lane.ts';

import type { Timeline } from './timeline.ts';

export interface LaneGranted {
  readonly fence: number;
  /** Workflow id of the entity that grants it; earlier releases did not tell. */
  readonly entity?: string;
  /** Epoch ms before which the holder must not write: time never runs backwards for a cluster. */
  readonly notBefore: number;
  /** Since when access to the cluster's key is revoked, ISO 8601. */
  readonly revokedAt?: string;
  /** Of the emergency lane: who lost the main lane to it, and have still to say that they hold. */
  readonly overtaken?: string | readonly string[];
}

export interface LaneOptions {
  readonly operationId: string;
  readonly signals: LaneSignals;
  /** Workflow id of the entity that owns the lane. */
  readonly entity: () => string;
  /** Sends a message to such an entity. */
  readonly tell: (entity: string, message: string, payload: object) => Promise<void>;
}

/** For entities that exist: they take the messages as signals. */
export const signalEntity: LaneOptions['tell'] = async (entity, message, payload) =>
  await getExternalWorkflowHandle(entity).signal(message, payload);

/** An operation's side of a lane: taken around writes to Azure, given back for every wait. */
export class OperationLane {
  readonly #options: LaneOptions;
  readonly #timeline: Timeline;
  #granted: LaneGranted | undefined;
  /** Whether it was asked for and not given back: what is granted otherwise comes too late. */
  #isWanted = false;
  /** What came too late is given back before it is asked for again: the two must not cross. */
  #givingBack: Promise<void> = Promise.resolve();
  #behind: string | undefined;
  /** Whom a deed of ours in flight is still to be told as done. */
  #heldFor: string | undefined;
  #isWriting = false;
  #isLost = false;
  /** Who may still have a deed in flight, of those that were overtaken. */
  readonly #others = new Set<string>();

  constructor(options: LaneOptions, timeline: Timeline) {
    this.#options = options;
    this.#timeline = timeline;
    const { signals } = options;
    setHandler(defineSignal<[LaneGranted]>(signals.granted), async (granted) => {
      const { entity = options.entity(), fence } = granted;
      if (!this.#isWanted || entity !== options.entity()) {
        const unwanted = { fence, now: Date.now(), events: [] };
        await (this.#givingBack = options.tell(entity, messages.laneReleased, unwanted));
        return;
      }
      this.#granted = granted;
      this.#others.clear();
      for (const each of [granted.overtaken ?? []].flat()) this.#others.add(each);
    });
    setHandler(defineSignal<[{ behind: string }]>(signals.queued), ({ behind }) => {
      this.#behind = behind;
    });
    // Sent to see whether the holder lives; that it is delivered is the answer.
    setHandler(defineSignal(signals.wanted), () => {});
    setHandler(
      defineSignal<[{ by: string }]>(signals.hold),
      async ({ by }) => await this.#hold(by),
    );
    setHandler(defineSignal<[Held]>(signals.held), ({ operationId, inFlight }) => {
      if (inFlight) return;
      // Earlier releases overtook one operation at most, and did not name it.
      if (operationId === undefined) this.#others.clear();
      else this.#others.delete(operationId);
    });
  }

  get held(): boolean {
    return this.#granted !== undefined;
  }

  /** Whether an emergency took it away since it was taken: nothing may be written before it is taken again. */
  get isLost(): boolean {
    return this.#isLost;
  }

  get revokedAt(): string | undefined {
    return this.#granted?.revokedAt;
  }

  /** Whether a deed of the operation that was overtaken may still take effect in Azure. */
  get othersWrite(): boolean {
    return this.#others.size > 0;
  }

  /** A deed that writes begins; whoever overtakes us is told so. */
  beginWriting(): void {
    this.#isWriting = true;
  }

  /** What was sent has been answered: nothing of ours takes effect any more that was not asked for before. */
  async endWriting(): Promise<void> {
    this.#isWriting = false;
    if (this.#heldFor === undefined) return;
    const by = this.#heldFor;
    this.#heldFor = undefined;
    await this.#tellHeld(by, false);
  }

  /** Takes the lane; answers whether others may have written meanwhile. `stop` ends the wait early. */
  async take(lane: LaneName, stop: () => boolean): Promise<boolean> {
    this.#isWanted = true;
    await this.#givingBack;
    // After an emergency it comes back unasked.
    const { operationId } = this.#options;
    if (!this.held) await this.#tell(messages.laneRequested, { operationId, lane });
    await condition(() => this.held || this.#behind !== undefined || stop());
    const waited = !this.held;
    if (waited) {
      const detail = `behind operation ${this.#behind ?? 'unknown'}`;
      this.#timeline.record(fact('WaitStarted', { reason: 'lane', detail }));
      await this.#timeline.commit();
      await condition(() => this.held || stop());
      this.#timeline.record(fact('WaitEnded', { reason: 'lane' }));
    }
    this.#behind = undefined;
    const wasLost = this.#isLost;
    this.#isLost = false;
    const behindMs = (this.#granted?.notBefore ?? 0) - Date.now();
    if (behindMs > 0) await sleep(behindMs);
    return waited || wasLost;
  }

  /** Gives the lane back, if it is held, and tells the entity what happened meanwhile in any case. */
  async release(events: readonly DomainEvent[]): Promise<void> {
    const fence = this.#granted?.fence;
    this.#granted = undefined;
    this.#isWanted = false;
    if (fence !== undefined)
      await this.#tell(messages.laneReleased, { fence, now: Date.now(), events });
    else if (events.length > 0) await this.#tell(messages.factsLearnt, { events });
  }

  /** Tells the entity that the operation has ended, or is done with it, which frees the lane too. */
  async end(events: readonly DomainEvent[]): Promise<void> {
    this.#granted = undefined;
    this.#isWanted = false;
    this.#isLost = false;
    this.#behind = undefined;
    const { operationId } = this.#options;
    await this.#tell(messages.operationEnded, { operationId, now: Date.now(), events });
  }

  /** Answered at once, whatever is in flight; that is answered for when it is over. */
  async #hold(by: string): Promise<void> {
    // What was given back when the emergency came is not missed.
    this.#isLost = this.#isLost || this.#granted !== undefined;
    this.#granted = undefined;
    const inFlight = this.#isWriting;
    if (inFlight) this.#heldFor = by;
    await this.#tellHeld(by, inFlight);
  }

  async #tell(message: string, payload: object): Promise<void> {
    await this.#options.tell(this.#options.entity(), message, payload);
  }

  /** An emergency that has ended meanwhile needs to know no more. */
  async #tellHeld(by: string, inFlight: boolean): Promise<void> {
    const { operationId, signals } = this.#options;
    try {
      const emergency = getExternalWorkflowHandle(operationWorkflowId(by));
      await emergency.signal(signals.held, { operationId, inFlight });
    } catch {
      return;
    }
  }
}

interface Held {
  readonly operationId?: string;
  readonly inFlight: boolean;
}
