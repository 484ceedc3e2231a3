import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

import { normalRegion } from '#libs/domain/azure-ids.ts';
import { cardOf, evolve, type Cluster } from '#libs/domain/cluster.ts';
import type { DomainEvent, Fact } from '#libs/domain/events.ts';
import { eventOf } from '#libs/domain/operation-stream.ts';

import { dates } from './timeline.ts';

/** What is known of a cluster: facts are folded as they come, and shown in the entity's memo. */
export class ClusterRecord {
  readonly #stream = workflowInfo().workflowId;
  #unshown: DomainEvent[] = [];
  #cluster: Cluster;
  #shownState: Cluster['state'] | undefined;
  #shownDeadline: string | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    // An entity that continued as new was started with what its former run had shown.
    const isKnown = cluster.seq > 0;
    this.#shownState = isKnown ? cluster.state : undefined;
    this.#shownDeadline = cluster.deadlines[0]?.at;
  }

  get cluster(): Cluster {
    return this.#cluster;
  }

  get hasUnshown(): boolean {
    return this.#unshown.length > 0;
  }

  /** What readers see: the card, and the events since it was shown last. */
  get memo(): { readonly card: Cluster; readonly events: readonly DomainEvent[] } {
    return { card: cardOf(this.#cluster), events: this.#unshown };
  }

  record(
    facts: readonly Fact[],
    operationId?: string,
    at: string = new Date().toISOString(),
  ): void {
    for (const each of facts) {
      const event = eventOf(each, {
        stream: this.#stream,
        seq: this.#cluster.seq + 1,
        at,
        cluster: this.#cluster.id,
        ...(operationId === undefined ? {} : { operationId }),
      });
      this.#cluster = evolve(this.#cluster, event);
      this.#unshown.push(event);
    }
  }

  /** What an operation saw happen becomes known of the cluster, in the entity's own stream. */
  take(events: readonly DomainEvent[]): void {
    for (const { type, data, operationId, at } of events)
      this.record([{ type, data } as Fact], operationId, at);
  }

  show(): void {
    if (!this.hasUnshown) return;
    upsertMemo(this.memo);
    this.#unshown = [];
    const { state, region, deadlines } = this.#cluster;
    const next = deadlines[0]?.at;
    if (state === this.#shownState && next === this.#shownDeadline) return;
    upsertSearchAttributes({
      KeyturnState: [state],
      ...(next === this.#shownDeadline ? {} : { KeyturnDeadline: dates(next) }),
      // Told at the start of a provision; of an adopted cluster it is known only now.
      ...(region === undefined ? {} : { KeyturnRegion: [normalRegion(region)] }),
    });
    this.#shownState = state;
    this.#shownDeadline = next;
  }
}
