/** Runs trials side by side on one stand, each on a site of its own. */
import { setTimeout } from 'node:timers/promises';
import { watchOperation } from '#libs/client/watch-operation.ts';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import type { OperationView } from '#libs/contracts/http/operation-views.ts';
import { letTimeFly } from '../support/engine.ts';
import {
  askControl,
  plantFault,
  readExchanges,
  type Exchange,
  type FaultRule,
} from '../support/simulator-control.ts';
import { readWorld, stateOn } from './azure-state.ts';
import { exchangesOn, patternOf, requestsOf, type Address } from './exchanges.ts';
import type { Fault } from './faults.ts';
import { insist } from './insist.ts';
import type { Kind } from './kinds.ts';
import { rotatesAfterDays } from './owner-of-key.ts';
import { Overtaking, type Instant, type Overtaken } from './overtaking.ts';
import type { Site } from './site.ts';
import type { Stand } from './stand.ts';

/** A fault at an exchange. */
export interface Trial {
  readonly address: Address;
  readonly fault: Fault;
}

/** What became of an operation. */
export interface Run {
  readonly site: Site;
  /** Absent: it was not disturbed. */
  readonly trial?: Trial;
  /** The last that was seen of it. */
  readonly operation: OperationView | undefined;
  /** How it stood when a person was asked, if one was. */
  readonly attention?: OperationView['attention'];
  /** How often the fault was met. */
  readonly met: number;
  readonly exchanges: readonly Exchange[];
  readonly state: readonly string[];
  readonly seconds: number;
  /** What overtook it, where that was to be. */
  readonly overtaken?: Overtaken;
  /** What the harness itself stumbled over, its patience included. */
  readonly trouble?: string;
}

export interface Ground {
  readonly stand: Stand;
  readonly kind: Kind;
  /** Kills the Temporal server and starts it again, where that is possible. */
  readonly restartServer?: () => Promise<void>;
}

const lookEveryMs = 250;
const calmWithinMs = 120_000;
/** All trials of a batch must have met their fault by then, or the first of them runs into its deadline. */
const struckWithinMs = 45_000;
/** Azure's buckets refill by the clock, which is moved on while a batch runs: nothing is throttled by accident. */
const clockStepSeconds = 5;
/** In which the vault makes a version by its policy. */
const aTurnSeconds = (rotatesAfterDays + 1) * 86_400;

/** Runs the trials of one fault (or undisturbed runs) at once and tells what became of each. */
export async function runBatch(
  ground: Ground,
  trials: readonly (Trial | undefined)[],
): Promise<Run[]> {
  const { stand } = ground;
  const sites = await stand.newSites(trials.length);
  const cells = sites.map((site, index) => new Cell(ground, site, trials[index]));
  const ticking = new AbortController();
  const clock = keepClockGoing(stand, ticking.signal);
  try {
    await Promise.all(cells.map(async (cell) => await cell.prepare()));
    for (const cell of cells) await cell.plant();
    const runs = cells.map(async (cell) => await cell.run());
    await strike(ground, cells);
    await Promise.all(runs);
    await seeThrough(stand, cells);
  } finally {
    ticking.abort();
    await clock;
    for (const cell of cells) await cell.mend();
  }
  const exchanges = await readExchanges(stand.simulator);
  const world = await readWorld(stand.simulator);
  return cells.map((cell) => ({
    ...cell.told(),
    exchanges: exchangesOn(cell.site, exchanges),
    state: stateOn(cell.site, world),
  }));
}

/** Strikes worker or server once, when every trial of the batch stands at its exchange. */
async function strike({ stand, restartServer }: Ground, cells: readonly Cell[]): Promise<void> {
  const what = cells.find(({ strikes }) => strikes !== undefined)?.strikes;
  if (what === undefined) return;
  if (what === 'access') {
    await Promise.all(cells.map(async (cell) => await cell.beOvertaken()));
    // Some let go of their exchange by a deadline; the vault turns no key before all are struck.
    await askControl(stand.simulator, 'POST /clock/advance', { seconds: aTurnSeconds });
    for (const cell of cells) await cell.mend();
    return;
  }
  const giveUpAt = Date.now() + struckWithinMs;
  while (Date.now() < giveUpAt) {
    await setTimeout(lookEveryMs);
    await Promise.all(cells.map(async (cell) => await cell.count()));
    if (cells.every((cell) => cell.isStruckOrOver)) break;
  }
  if (what === 'server') {
    await restartServer?.();
    return;
  }
  await stand.product.stack.worker.kill();
  await stand.product.stack.worker.start();
}

/** Whether what was taken away stays away until it is given back, and then is there. */
async function seeThrough(stand: Stand, cells: readonly Cell[]): Promise<void> {
  if (!cells.some(({ strikes }) => strikes === 'access')) return;
  stand.leave();
  const all = async (deed: (overtaking: Overtaking) => Promise<void>, instant: Instant) =>
    await Promise.all(
      cells.map(
        async (cell) =>
          await cell.onward(async (overtaking) => {
            await deed(overtaking);
            await overtaking.look(instant);
          }),
      ),
    );
  const pass = async (seconds: number) =>
    await askControl(stand.simulator, 'POST /clock/advance', { seconds });
  await all(async (overtaking) => await overtaking.end(), 'ended');
  await pass(aTurnSeconds);
  await all(async () => {}, 'later');
  await all(async (overtaking) => await overtaking.recover(), 'recovered');
  await pass(3_600);
  await all(async () => {}, 'afterwards');
}

async function keepClockGoing({ simulator }: Stand, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A simulator that is gone is everybody's trouble, and told by the trials.
    await askControl(simulator, 'POST /clock/advance', { seconds: clockStepSeconds }).catch(
      () => {},
    );
    await setTimeout(1_000, undefined, { signal }).catch(() => {});
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

interface PlantedFault {
  readonly id: string;
  readonly applied: number;
}

class Cell {
  readonly site: Site;
  readonly #ground: Ground;
  readonly #trial: Trial | undefined;
  readonly #overtaking: Overtaking | undefined;
  #mend: (() => Promise<void>) | undefined;
  #operation: OperationView | undefined;
  #attention: OperationView['attention'];
  #met = 0;
  #isOver = false;
  #seconds = 0;
  #trouble: string | undefined;

  constructor(ground: Ground, site: Site, trial: Trial | undefined) {
    this.#ground = ground;
    this.site = site;
    this.#trial = trial;
    const by = trial?.fault.by;
    this.#overtaking = by === undefined ? undefined : new Overtaking(ground.stand, site, by);
  }

  get strikes(): Fault['strikes'] {
    return this.#trial?.fault.strikes;
  }

  get isStruckOrOver(): boolean {
    return this.#met > 0 || this.#isOver;
  }

  async plant(): Promise<void> {
    if (this.#trial === undefined) return;
    const { address, fault } = this.#trial;
    const rule: FaultRule = {
      method: address.method,
      path: patternOf(address, this.site),
      principal: 'keyturn',
      clientRequestId: requestsOf(this.site),
      nth: address.ordinal,
      ...(fault.count !== undefined && { count: fault.count }),
      action: fault.action,
    };
    this.#mend = await plantFault(this.#ground.stand.simulator, rule);
  }

  /** Takes the fault away, and remembers how often it was met. */
  async mend(): Promise<void> {
    await this.count();
    await this.#mend?.();
    this.#mend = undefined;
  }

  async count(): Promise<void> {
    if (this.#mend === undefined) return;
    const { simulator } = this.#ground.stand;
    const planted = (await (await askControl(simulator, 'GET /faults')).json()) as (PlantedFault &
      FaultRule)[];
    const own = planted.find(({ clientRequestId }) => clientRequestId === requestsOf(this.site));
    this.#met = Math.max(this.#met, own?.applied ?? 0);
  }

  /** Does what has to be done before the operation. Never throws. */
  async prepare(): Promise<void> {
    const { stand, kind } = this.#ground;
    const client = stand.product.as('operator');
    try {
      for (const order of kind.after) {
        const key = `${order.name}-${this.site.name}`;
        const { operationId } = await insist(async () => order.send(client, this.site, key));
        await letTimeFly(stand.product.stack, operationWorkflowId(operationId));
        await this.#watch(operationId, AbortSignal.timeout(calmWithinMs));
        if (this.#operation?.state !== 'succeeded')
          throw new Error(`before it, ${order.name}: it is ${this.#operation?.state}`);
        await this.#untilSettled();
      }
      await this.#overtaking?.prepare();
      this.#operation = undefined;
    } catch (error) {
      this.#trouble = messageOf(error);
    }
  }

  /** The cluster's card follows the end of an operation by a signal; until then another may be refused. */
  async #untilSettled(): Promise<void> {
    const client = this.#ground.stand.product.as('reader');
    const giveUpAt = Date.now() + calmWithinMs;
    while ((await client.readCluster(this.site.order.cluster)).operations.length > 0) {
      if (Date.now() > giveUpAt) throw new Error('the card does not follow');
      await setTimeout(lookEveryMs);
    }
  }

  /** Orders the operation and sees it to its end; answers for people when they are asked. Never throws. */
  async run(): Promise<void> {
    if (this.#trouble !== undefined) {
      this.#isOver = true;
      return;
    }
    const startedAt = Date.now();
    const withinMs = this.#trial?.fault.withinMs ?? calmWithinMs;
    try {
      await this.#begin();
      await this.#watch(this.site.operationId, AbortSignal.timeout(withinMs));
    } catch (error) {
      this.#trouble = messageOf(error);
    }
    this.#isOver = true;
    this.#seconds = (Date.now() - startedAt) / 1_000;
  }

  /** Takes access away as soon as the operation stands at its exchange. Never throws. */
  async beOvertaken(): Promise<void> {
    const giveUpAt = Date.now() + struckWithinMs;
    while (!this.isStruckOrOver && Date.now() < giveUpAt) {
      await setTimeout(lookEveryMs);
      await this.count();
    }
    await this.onward(async (overtaking) => await overtaking.begin());
  }

  /** What is to be done next of what overtakes it, unless there was trouble. Never throws. */
  async onward(deed: (overtaking: Overtaking) => Promise<void>): Promise<void> {
    if (this.#overtaking === undefined || this.#trouble !== undefined) return;
    try {
      await deed(this.#overtaking);
    } catch (error) {
      this.#trouble = messageOf(error);
    }
  }

  async #begin(): Promise<void> {
    const { stand, kind } = this.#ground;
    const client = stand.product.as('operator');
    const { operationId } = await insist(async () =>
      kind.send(client, this.site, this.site.idempotencyKey),
    );
    if (operationId !== this.site.operationId)
      throw new Error(`ordering: operation ${operationId} instead of ${this.site.operationId}`);
    await letTimeFly(stand.product.stack, operationWorkflowId(operationId));
  }

  /** Says yes to every plan that asks for it, and resumes once. @throws when a person is asked again */
  async #watch(operationId: string, signal: AbortSignal): Promise<void> {
    const { product } = this.#ground.stand;
    const client = product.as('operator');
    for await (const seen of watchOperation(client, operationId, {
      intervalMs: lookEveryMs,
      signal,
    })) {
      this.#operation = seen;
      if (seen.state === 'awaiting-approval' && seen.approval !== undefined)
        await product.as('approver').approveOperation(operationId, seen.approval.planHash);
      if (seen.attention === undefined) continue;
      if (this.#attention !== undefined) {
        throw new Error(`asking a second time: ${seen.attention.reason} (${seen.attention.seen})`);
      }
      this.#attention = seen.attention;
      await this.mend();
      await client.resumeOperation(operationId, { reason: 'the fault is gone' });
    }
  }

  told() {
    return {
      site: this.site,
      ...(this.#trial !== undefined && { trial: this.#trial }),
      operation: this.#operation,
      ...(this.#attention !== undefined && { attention: this.#attention }),
      met: this.#met,
      seconds: this.#seconds,
      ...(this.#overtaking !== undefined && { overtaken: this.#overtaking.told }),
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    };
  }
}
