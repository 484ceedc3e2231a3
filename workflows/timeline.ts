import { upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';

import type { DomainEvent, EventType, Fact } from '#libs/domain/events.ts';
import { fact } from '#libs/domain/events.ts';
import { beginOperation, evolveOperation, type Operation } from '#libs/domain/operation.ts';
import { eventOf, firstEvent, type OperationInput } from '#libs/domain/operation-stream.ts';

import { ledgerAtHand, ledgerPatiently } from './proxies.ts';

/**
 * The events of one operation. Recorded facts are folded at once; `commit` shows them in the workflow's
 * memo, where they are read without a worker, and keeps them in the ledger.
 */
export class Timeline {
  readonly #input: OperationInput;
  #operation: Operation;
  #shownState: string;
  #shownDeadline: string | undefined;
  #unshown: DomainEvent[] = [];
  #unkept: DomainEvent[];
  readonly #all: DomainEvent[];

  constructor(input: OperationInput) {
    // The entity has shown the first event already, in the memo this workflow was started with.
    const first = firstEvent(input);
    this.#input = input;
    this.#operation = beginOperation(first, input.operationId);
    this.#shownState = this.#operation.state;
    this.#unkept = [first];
    this.#all = [first];
  }

  get operation(): Operation {
    return this.#operation;
  }

  /** The events of the given types so far. */
  of<T extends EventType>(...types: readonly T[]): DomainEvent<T>[] {
    return this.#all.filter((event) => types.includes(event.type as T)) as DomainEvent<T>[];
  }

  record(...facts: readonly Fact[]): void {
    const { stream, cluster, operationId } = this.#input;
    const at = new Date().toISOString();
    for (const each of facts) {
      const event = eventOf(each, {
        stream,
        seq: this.#operation.seq + 1,
        at,
        cluster,
        operationId,
      });
      this.#operation = evolveOperation(this.#operation, event);
      this.#unshown.push(event);
      this.#unkept.push(event);
      this.#all.push(event);
    }
  }

  /** Shows what was recorded, then keeps it; goes on only when all of it is kept. */
  async commit(): Promise<void> {
    this.show();
    while (this.#unkept.length > 0) {
      const events = this.#unkept;
      this.#unkept = [];
      try {
        await ledgerAtHand.appendToLedger(events);
      } catch {
        await this.#keepPatiently();
        this.show();
      }
    }
  }

  /** Shows what was recorded to those who read without a worker. */
  show(): void {
    if (this.#unshown.length === 0) return;
    upsertMemo({ card: this.#operation, events: this.#unshown });
    this.#unshown = [];
    const { state, waiting } = this.#operation;
    const until = state === 'deferred' ? waiting?.until : undefined;
    if (state === this.#shownState && until === this.#shownDeadline) return;
    upsertSearchAttributes({
      KeyturnState: [state],
      ...(until === this.#shownDeadline ? {} : { KeyturnDeadline: dates(until) }),
    });
    this.#shownState = state;
    this.#shownDeadline = until;
  }

  /** All of the operation's events: a ledger that was lost, or came back as it once was, gets back what it lacks. */
  async #keepPatiently(): Promise<void> {
    const finding = {
      code: 'ledger_behind',
      severity: 'warning',
      rule: 'ledger',
      reason: 'the ledger cannot be written; the operation waits for it',
      remedy: 'Make room for the ledger or bring its database back.',
    } as const;
    this.record(fact('FindingRaised', { finding }));
    this.show();
    this.#unkept = [];
    await ledgerPatiently.appendToLedger(this.#all);
    this.record(fact('FindingCleared', { code: finding.code }));
  }
}

/** An instant as a search attribute takes it; none takes the attribute away. */
export const dates = (instant: string | undefined): Date[] =>
  instant === undefined ? [] : [new Date(instant)];
