import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
} from '@temporalio/workflow';

import { messages } from '#libs/contracts/temporal.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import { fact } from '#libs/domain/events.ts';

import type { Timeline } from './timeline.ts';

export interface LaneGranted {
  readonly fence: number;
  /** Epoch ms before which the holder must not write: time never runs backwards for a cluster. */
  readonly notBefore: number;
}

/** An operation's side of the cluster's main lane: taken around writes to Azure, given back for every wait. */
export class MainLane {
  readonly #entity: string;
  readonly #operationId: string;
  readonly #timeline: Timeline;
  #granted: LaneGranted | undefined;
  #behind: string | undefined;

  constructor(entity: string, operationId: string, timeline: Timeline) {
    this.#entity = entity;
    this.#operationId = operationId;
    this.#timeline = timeline;
    setHandler(defineSignal<[LaneGranted]>(messages.laneGranted), (granted) => {
      this.#granted = granted;
    });
    setHandler(defineSignal<[{ behind: string }]>(messages.laneQueued), ({ behind }) => {
      this.#behind = behind;
    });
    // Sent to see whether the holder lives; that it is delivered is the answer.
    setHandler(defineSignal(messages.laneWanted), () => {});
  }

  get held(): boolean {
    return this.#granted !== undefined;
  }

  /** Takes the lane; answers whether it had to be waited for. `stop` ends the wait early. */
  async take(stop: () => boolean): Promise<boolean> {
    await this.#tell(messages.laneRequested, { operationId: this.#operationId });
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
    const behindMs = (this.#granted?.notBefore ?? 0) - Date.now();
    if (behindMs > 0) await sleep(behindMs);
    return waited;
  }

  /** Gives the lane back, if it is held, and tells the entity what happened meanwhile in any case. */
  async release(events: readonly DomainEvent[]): Promise<void> {
    if (this.#granted === undefined) {
      if (events.length > 0) await this.#tell(messages.factsLearnt, { events });
      return;
    }
    const { fence } = this.#granted;
    this.#granted = undefined;
    await this.#tell(messages.laneReleased, { fence, now: Date.now(), events });
  }

  /** Tells the entity that the operation has ended, which frees the lane too. */
  async end(events: readonly DomainEvent[]): Promise<void> {
    this.#granted = undefined;
    await this.#tell(messages.operationEnded, {
      operationId: this.#operationId,
      now: Date.now(),
      events,
    });
  }

  async #tell(message: string, payload: object): Promise<void> {
    await getExternalWorkflowHandle(this.#entity).signal(message, payload);
  }
}
