import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
} from '@temporalio/workflow';

import { clusterLaneSignals } from '#libs/contracts/temporal.ts';
import type {
  DomainEvent,
  EventData,
  EventType,
  Fact,
  Evidence,
  Outcome,
  WaitReason,
} from '#libs/domain/events.ts';
import { neededFor, type Needed } from '#libs/domain/consent.ts';
import { fact } from '#libs/domain/events.ts';
import { isBlocked, type Finding } from '#libs/domain/findings.ts';
import type { LaneName } from '#libs/domain/lane.ts';
import { followUpIdOf, type OperationInput } from '#libs/domain/operation-stream.ts';
import type { RequestOf } from '#libs/domain/operation-request.ts';
import type { Plan, PlanHold } from '#libs/domain/plan.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';

import { Answers } from './answers.ts';
import { Ending, overtaken, readFailure, reasonOf } from './ending.ts';
import { leftBehind } from './left-behind.ts';
import { KeyLane, type KeyHold } from './key-lane.ts';
import { OperationLane, signalEntity } from './operation-lane.ts';
import { Timeline } from './timeline.ts';

/** What a step has to show when it is done. */
export interface Done {
  readonly detail: string;
  readonly facts?: readonly Fact[];
  readonly evidence?: readonly Evidence[];
  /** What is worth knowing about the result. */
  readonly findings?: readonly Finding[];
}

export interface Wait {
  /** The step that waits, once it has begun. */
  readonly step?: string;
  readonly reason: WaitReason;
  readonly detail: string;
  /** Epoch ms at which to go on. */
  readonly wakeAt: number;
  /** Whether `wakeAt` is the instant waited for, or only the next look. */
  readonly known: boolean;
  /** Epoch ms of the instant waited for, where `wakeAt` is a look before it. */
  readonly until?: number;
}

/** A plan, and until when it has to wait before anybody is asked about it. */
interface Agreeable {
  readonly plan: Plan;
  readonly hold?: PlanHold;
}

/** Facts that change what is known of the cluster, told to its entity. */
const factsOfTheCluster: readonly EventType[] = [
  'ClusterCreated',
  'ClusterSeen',
  'KeyVersionBound',
  'AccessLost',
  'AccessReturned',
  'WorkspaceLinked',
  'WaitStarted',
  'WaitEnded',
  'FollowUpWanted',
  'OperationEnded',
];

const instantsOfItsOwn: readonly WaitReason[] = ['name_reserved', 'soak', 'recovery_planned'];

/** Of all waits the cluster's card shows those for an instant of its own: when its name comes free, when a soak is over. */
const isOfTheCluster = ({ type, data }: DomainEvent): boolean =>
  (type !== 'WaitStarted' && type !== 'WaitEnded') || instantsOfItsOwn.includes(data.reason);

/**
 * What every operation does around its steps: plan and agree without the lane, hold the lane around writes,
 * wait without it, ask a person when going on would be a guess, end with an outcome.
 */
export class Work<P extends Agreeable = Agreeable> {
  readonly timeline: Timeline;
  readonly #input: OperationInput;
  readonly #lane: OperationLane;
  readonly #laneName: LaneName;
  readonly #key: KeyLane;
  readonly #answers: Answers;
  readonly #plan: (begun: Begun) => Promise<P>;
  readonly #evidence: Evidence[] = [];
  readonly #findings: Finding[] = [];
  readonly #isUrgent: boolean;
  #told = 0;

  constructor(input: OperationInput, plan: (begun: Begun) => Promise<P>, lane: LaneName = 'main') {
    this.#input = input;
    this.#plan = plan;
    this.timeline = new Timeline(input);
    const { entity, operationId } = input;
    const ofCluster = { operationId, signals: clusterLaneSignals, entity: () => entity };
    this.#lane = new OperationLane({ ...ofCluster, tell: signalEntity }, this.timeline);
    this.#key = new KeyLane(operationId, this.timeline);
    this.#laneName = lane;
    this.#isUrgent = lane === 'emergency';
    this.#answers = new Answers(this.timeline);
  }

  /** Tells the story and ends the operation, however the story ends. */
  async run(story: () => Promise<string>, undo: () => Promise<void>): Promise<Outcome> {
    let outcome: Outcome;
    try {
      const summary = await story();
      const [findings, evidence] = [this.#findings, this.#evidence];
      outcome = { result: 'succeeded', summary, findings, evidence };
    } catch (error) {
      const ending = endingOf(error);
      if (ending.result !== 'succeeded') await CancellationScope.nonCancellable(undo);
      const { result, message: summary, findings } = ending;
      outcome = {
        result,
        summary,
        findings,
        evidence: this.#evidence,
        left: leftBehind(this.timeline),
      };
    }
    return await CancellationScope.nonCancellable(async () => await this.#end(outcome));
  }

  /** A plan that is agreed to and, when it is carried out, the lane: planned again whenever it was waited for. */
  async ready(agreed?: P): Promise<P> {
    let planned = agreed ?? (await this.agree());
    while (!this.#lane.held || this.#lane.isLost) {
      if (await this.#takeLane()) planned = await this.agree();
    }
    return planned;
  }

  /** Between two writes of one step: an emergency may have taken the lane away meanwhile. */
  async mayWrite(): Promise<void> {
    if (this.#lane.isLost) await this.#regain();
    this.#lane.beginWriting();
  }

  /** Since when access to the cluster's key is revoked, as the lane's grant told; ISO 8601. */
  get revokedAt(): string | undefined {
    return this.#lane.revokedAt;
  }

  /** Whether a deed of the operation that this one overtook may still take effect in Azure. */
  get othersWrite(): boolean {
    return this.#lane.othersWrite || this.#key.othersWrite;
  }

  /**
   * Does a deed with the right to a key beside that to the cluster, for what concerns other clusters of the key:
   * `exclusive` to make, enable, disable or retire versions, `shared` to bind, `emergency` to take the key from
   * everybody, which waits for nobody. Call it inside a step, whose cluster's lane is held by then, and around one
   * deed: never one inside another. Who has to wait is shown as queued. What was read of the key before may be
   * out of date by then: the deed reads again, as deeds do.
   */
  async withKey<T>(hold: KeyHold, deed: () => Promise<T>): Promise<T> {
    const guarded = async () => {
      this.#stopIfCancelled();
      // Lanes are waited for in one order: the key's is let go before the cluster's is had again.
      if (this.#lane.isLost)
        throw ApplicationFailure.create({ type: 'LaneLost', nonRetryable: true });
      return await deed();
    };
    return await this.#key.during(hold, guarded, () => this.#answers.cancelled);
  }

  /** Tells the entity what happened so far and gives the lane back: nothing more is to be written. */
  async letGo(): Promise<void> {
    await this.timeline.commit();
    await this.#lane.release(this.#untold());
  }

  /** Plans until the plan is the one agreed to; asks when it is another. Ends blocked and plan-only operations. */
  async agree(): Promise<P> {
    for (;;) {
      const planned = await this.#trying('plan', async () => await this.#plan(this.#begun()));
      const { plan } = planned;
      if (plan.hash !== this.timeline.operation.plan?.hash)
        this.timeline.record(fact('PlanMade', { plan }));
      if (isBlocked(plan.findings)) {
        const blockers = plan.findings.filter(({ severity }) => severity === 'blocker');
        throw new Ending(
          'refused',
          `Refused: ${blockers.map(({ reason }) => reason).join('; ')}.`,
          blockers,
        );
      }
      const { planOnly } = this.#input.request;
      if (planOnly) throw new Ending('succeeded', 'The plan was made; nothing was changed.');
      if (await this.#heldBack(planned.hold)) continue;
      const needed = this.#neededFor(plan);
      if (needed.state === 'nothing') return planned;
      if (needed.state === 'question') {
        await this.#ask(needed.asked);
        continue;
      }
      const { requestedBy: by } = this.#input;
      this.timeline.record(fact('ApprovalGiven', { planHash: plan.hash, by, via: needed.via }));
      return planned;
    }
  }

  /** One step of the plan: shown, done, read back, recorded. */
  async step(name: string, deed: () => Promise<Done>): Promise<void> {
    this.#stopIfCancelled();
    if (this.#lane.isLost) await this.#regain();
    this.timeline.record(fact('StepStarted', { step: name }));
    await this.timeline.commit();
    const { detail, facts = [], evidence = [], findings = [] } = await this.#trying(name, deed);
    this.#evidence.push(...evidence);
    this.#findings.push(...findings);
    this.timeline.record(...facts, fact('StepVerified', { step: name, detail }));
  }

  /** Waits for an instant without the lane, then plans again and takes the lane again. */
  async defer(wait: Wait): Promise<P> {
    await this.rest(wait);
    return await this.ready();
  }

  /**
   * After what was seen without the lane: it stands only if access was not revoked meanwhile, of which the lane tells.
   * @throws Ending when it was
   */
  async stillStands(): Promise<void> {
    if (!this.#lane.held || this.#lane.isLost) await this.#takeLane();
  }

  /** Waits for an instant without the lane, and goes on without it. */
  async rest(wait: Wait): Promise<void> {
    const { step, reason, detail, wakeAt, known } = wait;
    const at = step === undefined ? {} : { step };
    const until = known ? { until: new Date(wait.until ?? wakeAt).toISOString() } : {};
    this.timeline.record(fact('WaitStarted', { ...at, reason, detail, ...until }));
    await this.#lane.release(this.#untold());
    await this.timeline.commit();
    await condition(() => this.#answers.cancelled, Math.max(wakeAt - Date.now(), 1));
    this.timeline.record(fact('WaitEnded', { reason }));
    await this.#lane.release(this.#untold());
    this.#stopIfCancelled();
  }

  /** Has another operation follow this one when it has ended; answers its id. */
  followUp<K extends keyof RequestOf>(kind: K, request: RequestOf[K]): string {
    const { operationId: own, requestedBy } = this.#input;
    const operationId = followUpIdOf(own);
    this.timeline.record(fact('FollowUpWanted', { operationId, kind, request, requestedBy }));
    return operationId;
  }

  /** Says that a step waits for Azure; the lane stays, for Azure is at work on the cluster. */
  async showWait(step: string, detail: string): Promise<void> {
    this.timeline.record(fact('WaitStarted', { step, reason: 'azure', detail }));
    await this.timeline.commit();
    await this.#lane.endWriting();
  }

  /** Waits until the plan may be asked about; answers whether it had to be waited for. */
  async #heldBack(hold: PlanHold | undefined): Promise<boolean> {
    const wakeAt = hold === undefined ? 0 : Date.parse(hold.until);
    if (hold === undefined || wakeAt <= Date.now()) return false;
    await this.rest({ reason: 'soak', detail: hold.detail, wakeAt, known: true });
    return true;
  }

  /** The lane again, that an emergency took away; what was planned before it is planned anew. */
  async #regain(): Promise<void> {
    await this.#takeLane();
    await this.ready(await this.agree());
  }

  /** Answers whether others may have written meanwhile. @throws Ending when the cluster is revoked by now */
  async #takeLane(): Promise<boolean> {
    const waited = await this.#lane.take(this.#laneName, () => this.#answers.cancelled);
    this.#stopIfCancelled();
    if (this.#lane.revokedAt !== undefined && !this.#isUrgent) throw overtaken(this.#input.cluster);
    return waited;
  }

  async #trying<T>(step: string, deed: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#lane.beginWriting();
      try {
        return await deed();
      } catch (error) {
        if (error instanceof Ending) throw error;
        await this.#lane.endWriting();
        const failure = readFailure(error);
        // What an emergency took the lane from failed for that, or will be looked at anew.
        if (this.#lane.isLost) {
          await this.#regain();
          continue;
        }
        if (failure.type === 'RefusedByRule') {
          throw new Ending(
            'refused',
            `Refused at step ${step}: ${failure.message}.`,
            failure.findings,
          );
        }
        await this.#lane.release(this.#untold());
        await this.#answers.attention({ step, reason: reasonOf(failure), seen: failure.message });
        this.#stopIfCancelled();
        if (step !== 'plan') await this.ready();
      } finally {
        await this.#lane.endWriting();
      }
    }
  }

  #neededFor(plan: Plan): Needed {
    const given = this.timeline.of('ApprovalGiven').at(-1);
    const last = given && { ...given.data, at: given.at };
    return neededFor(plan, { request: this.#input.request, last, now: Date.now() });
  }

  async #ask(asked: EventData['ApprovalAsked']): Promise<void> {
    await this.#lane.release(this.#untold());
    const answer = await this.#answers.approval(asked);
    this.#stopIfCancelled();
    if (!answer.yes)
      throw new Ending('rejected', `Rejected by ${answer.by.name}: ${answer.reason}.`);
  }

  #stopIfCancelled(): void {
    const asked = this.#answers.cancelAsked;
    if (asked !== undefined) throw new Ending('cancelled', `Cancelled by ${asked.by.name}.`);
  }

  /** With the effect that each step had in the plan it was begun under. */
  #begun(): Begun {
    const planned = new Map(this.timeline.operation.plan?.steps.map((step) => [step.name, step]));
    const begun = this.timeline.of('StepStarted').flatMap(({ data }) => {
      const effect = planned.get(data.step)?.effect;
      return effect === undefined ? [] : [[data.step, effect] as const];
    });
    return Object.fromEntries(begun);
  }

  #untold() {
    const events = this.timeline.of(...factsOfTheCluster).filter(isOfTheCluster);
    const untold = events.slice(this.#told);
    this.#told = events.length;
    return untold;
  }

  async #end(outcome: Outcome): Promise<Outcome> {
    const [bound] = this.timeline.of('KeyVersionBound');
    // Only a first key changes under whose key new data comes (R10); a rotation re-wraps (R97).
    const isFirst = bound !== undefined && this.#input.kind === 'provision';
    const whole = isFirst ? { ...outcome, encryptedSince: bound.at } : outcome;
    this.timeline.record(fact('OperationEnded', { outcome: whole }));
    await this.timeline.commit();
    await this.#lane.end(this.#untold());
    return whole;
  }
}

function endingOf(error: unknown): Ending {
  if (error instanceof Ending) return error;
  if (isCancellation(error)) return new Ending('cancelled', 'Cancelled in the workflow engine.');
  throw error;
}
