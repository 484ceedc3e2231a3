import { ApplicationFailure, condition, defineUpdate, setHandler } from '@temporalio/workflow';

import { messages, type Answer, type Resolution } from '#libs/contracts/temporal.ts';
import { fact, type AttentionChoice, type EventData } from '#libs/domain/events.ts';
import { hasEnded } from '#libs/domain/operation.ts';
import type { Person } from '#libs/domain/person.ts';
import type { Refusal } from '#libs/domain/refusal-codes.ts';

import type { Timeline } from './timeline.ts';

type Verdict =
  | { readonly yes: true }
  | { readonly yes: false; readonly by: Person; readonly reason: string };

/** What people answer an operation: approve, reject, resume, cancel. Validators refuse without an event. */
export class Answers {
  readonly #timeline: Timeline;
  #verdict: Verdict | undefined;
  #resumed: Resolution | undefined;
  #cancelAsked: Resolution | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#listenForVerdicts();
    setHandler(
      defineUpdate<void, [Resolution]>(messages.resume),
      (resolution) => {
        this.#resumed = resolution;
        this.#resolve('resume', resolution.by);
      },
      { validator: (_resolution: Resolution) => this.#mustBe('attention') },
    );
    setHandler(
      defineUpdate<void, [Resolution]>(messages.cancel),
      (resolution) => {
        this.#cancelAsked = resolution;
        if (this.#timeline.operation.state === 'attention') this.#resolve('cancel', resolution.by);
      },
      {
        validator: (_resolution: Resolution) => {
          if (hasEnded(this.#timeline.operation)) throw refusal('the operation has ended');
        },
      },
    );
  }

  get cancelAsked(): Resolution | undefined {
    return this.#cancelAsked;
  }

  get cancelled(): boolean {
    return this.#cancelAsked !== undefined;
  }

  /** Asks for a yes to a plan's hash and waits for it, however long it takes; no timer runs. */
  async approval(asked: EventData['ApprovalAsked']): Promise<Verdict> {
    this.#verdict = undefined;
    this.#timeline.record(fact('ApprovalAsked', asked));
    await this.#timeline.commit();
    await condition(() => this.#verdict !== undefined || this.cancelled);
    return this.#verdict ?? { yes: true };
  }

  /** Stands still until a person says what to do; nothing is guessed. */
  async attention(seen: Omit<EventData['AttentionRaised'], 'choices'>): Promise<void> {
    this.#resumed = undefined;
    this.#timeline.record(fact('AttentionRaised', { ...seen, choices: ['resume', 'cancel'] }));
    await this.#timeline.commit();
    await condition(() => this.#resumed !== undefined || this.cancelled);
  }

  /** Shown at once: who answered reads the operation next. */
  #resolve(choice: AttentionChoice, by: Person): void {
    this.#timeline.record(fact('AttentionResolved', { choice, by }));
    this.#timeline.show();
  }

  #listenForVerdicts(): void {
    setHandler(
      defineUpdate<void, [Answer]>(messages.approve),
      ({ by, planHash }) => {
        this.#verdict = { yes: true };
        const hash = planHash ?? this.#timeline.operation.approval?.planHash ?? '';
        this.#timeline.record(fact('ApprovalGiven', { planHash: hash, by, via: 'approve' }));
        this.#timeline.show();
      },
      { validator: (answer) => this.#mayApprove(answer) },
    );
    setHandler(
      defineUpdate<void, [Answer]>(messages.reject),
      ({ by, reason = 'no reason given' }) => {
        this.#verdict = { yes: false, by, reason };
        this.#timeline.record(fact('ApprovalRefused', { by, reason }));
        this.#timeline.show();
      },
      { validator: (_answer: Answer) => this.#mustBe('awaiting-approval') },
    );
  }

  #mayApprove({ by, planHash }: Answer): void {
    this.#mustBe('awaiting-approval');
    const { approval, requestedBy } = this.#timeline.operation;
    if (planHash !== undefined && planHash !== approval?.planHash) {
      throw refusal(`the plan in force is ${approval?.planHash}`, 'plan_changed');
    }
    if (approval?.from === 'second-person' && by.objectId === requestedBy.objectId) {
      throw refusal('a second person must approve this', 'forbidden');
    }
  }

  #mustBe(state: 'attention' | 'awaiting-approval'): void {
    const { state: now } = this.#timeline.operation;
    if (now !== state) throw refusal(`the operation is ${now}`);
  }
}

function refusal(
  reason: string,
  code: Refusal['code'] = 'not_waiting_for_that',
): ApplicationFailure {
  const details: Refusal[] = [{ code, reason }];
  return ApplicationFailure.create({ type: code, message: reason, nonRetryable: true, details });
}
