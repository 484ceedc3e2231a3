import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';

import { clusterLaneSignals, messages, operationWorkflowId } from '#libs/contracts/temporal.ts';
import { fact, type DomainEvent } from '#libs/domain/events.ts';
import { freeLane, isFree } from '#libs/domain/lane.ts';

import { LaneDesk } from './lane-desk.ts';
import { OperationLane, signalEntity } from './operation-lane.ts';

/** Both sides of the lanes, told of each other by messages that arrive in any order. */
type Handler = (payload: object) => unknown;

interface Sent {
  readonly to: string;
  readonly name: string;
  readonly payload: object;
  readonly arrived: (isAlive: boolean) => void;
}

const engine = vi.hoisted(() => ({
  handlers: new Map<string, Map<string, (payload: object) => unknown>>(),
  sent: [] as unknown[],
  waits: [] as { readonly isOver: () => boolean; readonly goOn: () => void }[],
  own: (): string => '',
}));
const own = new AsyncLocalStorage<string>();
engine.own = () => own.getStore() ?? '';
const sent = engine.sent as Sent[];

vi.mock('@temporalio/workflow', () => ({
  defineSignal: (name: string) => name,
  setHandler: (name: string, handler: Handler) =>
    engine.handlers.get(engine.own())?.set(name, handler),
  workflowInfo: () => ({ workflowId: engine.own() }),
  condition: async (isOver: () => boolean) => {
    if (!isOver()) await new Promise<void>((goOn) => engine.waits.push({ isOver, goOn }));
  },
  sleep: async () => {},
  getExternalWorkflowHandle: (to: string) => ({
    signal: async (name: string, payload: object) =>
      await new Promise<void>((resolve, reject) => {
        const arrived = (isAlive: boolean) =>
          isAlive ? resolve() : reject(new Error(`${to} is not there`));
        engine.sent.push({ to, name, payload, arrived } satisfies Sent);
      }),
  }),
}));

const entity = 'cluster/one';
const timeline = { record: () => {}, commit: async () => {} } as never;

/** What an operation does: so many deeds, which begin with the lane and are in flight for a while. */
interface Doing {
  readonly kind: 'rotate' | 'revoke' | 'recover';
  readonly deeds: number;
  /** Whether it gives the lane back after each. */
  readonly rests: boolean;
}

class World {
  /** What may happen next. */
  readonly due: (() => void)[] = [];
  readonly ended: string[] = [];
  readonly failures: unknown[] = [];
  #revokedAt: string | undefined;
  readonly #desk: LaneDesk;
  /** Rotations with a deed in flight. */
  #writing = 0;

  constructor(doings: readonly Doing[]) {
    engine.handlers.clear();
    sent.length = 0;
    engine.waits.length = 0;
    this.#desk = new LaneDesk(freeLane, {
      signals: clusterLaneSignals,
      record: () => {},
      revokedAt: () => this.#revokedAt,
    });
    this.#begin(entity, async () => await this.#serve());
    for (const [index, doing] of doings.entries()) {
      const id = String(index);
      this.due.push(() =>
        this.#begin(operationWorkflowId(id), async () => await this.#operate(id, doing)),
      );
    }
  }

  get isFree(): boolean {
    return isFree(this.#desk.lane);
  }

  /** One thing happens, and what follows from it at once. */
  async step(choice: number): Promise<void> {
    // A deed is in flight for long, as messages go: they come first three times out of four.
    const isMessage = sent.length > 0 && (this.due.length === 0 || choice % 4 > 0);
    const from: unknown[] = isMessage ? sent : this.due;
    const [next] = from.splice(Math.floor(choice / 4) % from.length, 1);
    if (typeof next === 'function') next();
    else deliver(next as Sent);
    for (;;) {
      await setImmediate();
      const over = engine.waits.filter(({ isOver }) => isOver());
      if (over.length === 0) return;
      engine.waits.splice(0, Infinity, ...engine.waits.filter((wait) => !over.includes(wait)));
      for (const { goOn } of over) goOn();
    }
  }

  #begin(id: string, flow: () => Promise<void>): void {
    engine.handlers.set(id, new Map());
    own.run(id, () => void flow().catch((error: unknown) => this.failures.push(error)));
  }

  /** As the entity of a cluster does (cluster.ts). */
  async #serve(): Promise<void> {
    const take = (type: 'requested' | 'released' | 'ended') => (payload: object) => {
      const { events = [] } = payload as { events?: readonly DomainEvent[] };
      for (const event of events) {
        if (event.type === 'AccessLost') this.#revokedAt = 'now';
        if (event.type === 'AccessReturned') this.#revokedAt = undefined;
      }
      this.#desk.put({ type, ...payload } as Parameters<LaneDesk['put']>[0]);
    };
    const handlers = engine.handlers.get(entity);
    handlers?.set(messages.laneRequested, take('requested'));
    handlers?.set(messages.laneReleased, take('released'));
    handlers?.set(messages.operationEnded, take('ended'));
    for (;;) {
      await new Promise<void>((goOn) =>
        engine.waits.push({ isOver: () => this.#desk.hasWork, goOn }),
      );
      await this.#desk.work();
    }
  }

  /** As an operation does (work.ts, taking-access.ts). */
  async #operate(id: string, { kind, deeds, rests }: Doing): Promise<void> {
    const side = {
      operationId: id,
      signals: clusterLaneSignals,
      entity: () => entity,
      tell: signalEntity,
    };
    const lane = new OperationLane(side, timeline);
    const isUrgent = kind !== 'rotate';
    for (let deed = 0; deed < deeds; deed += 1) {
      while (!lane.held || lane.isLost) {
        await lane.take(isUrgent ? 'emergency' : 'main', () => false);
        if (!isUrgent && lane.revokedAt !== undefined) return await this.#end(id, lane);
      }
      lane.beginWriting();
      await (isUrgent ? this.#flight() : this.#write());
      await lane.endWriting();
      if (kind === 'revoke')
        await new Promise<void>((goOn) =>
          engine.waits.push({ isOver: () => !lane.othersWrite, goOn }),
        );
      if (rests && !isUrgent) await lane.release([]);
    }
    // What is taken away stays so: nobody is about to undo it.
    if (kind === 'revoke') expect(this.#writing).toBe(0);
    if (isUrgent) await lane.release([told(kind)]);
    await this.#end(id, lane);
  }

  async #write(): Promise<void> {
    expect(this.#revokedAt).toBeUndefined();
    expect(this.#writing).toBe(0);
    this.#writing += 1;
    await this.#flight();
    this.#writing -= 1;
  }

  async #flight(): Promise<void> {
    await new Promise<void>((land) => this.due.push(land));
  }

  async #end(id: string, lane: OperationLane): Promise<void> {
    await lane.end([]);
    this.ended.push(id);
    engine.handlers.delete(operationWorkflowId(id));
  }
}

function deliver({ to, name, payload, arrived }: Sent): void {
  const handler = engine.handlers.get(to)?.get(name);
  if (handler !== undefined) own.run(to, () => void handler(payload));
  arrived(handler !== undefined);
}

function told(kind: 'revoke' | 'recover'): DomainEvent {
  const clusterId = entity;
  return (
    kind === 'revoke'
      ? fact('AccessLost', { clusterId, principalId: 'p', reason: 'r' })
      : fact('AccessReturned', { clusterId })
  ) as DomainEvent;
}

it('lets one write at a time, loses nobody, and nobody undo a revocation, however messages cross', async () => {
  const doing = fc.record({
    kind: fc.constantFrom(
      'rotate' as const,
      'rotate' as const,
      'revoke' as const,
      'recover' as const,
    ),
    deeds: fc.integer({ min: 1, max: 3 }),
    rests: fc.boolean(),
  });
  const doings = fc.array(doing, { minLength: 1, maxLength: 5 });
  const choices = fc.array(fc.nat(997), { minLength: 100, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(doings, choices, async (all, chosen) => {
      const world = new World(all);
      await setImmediate();
      for (let at = 0; sent.length + world.due.length > 0 && at < 1_000; at += 1)
        await world.step(chosen[at % chosen.length] ?? 0);
      expect(world.failures).toEqual([]);
      expect(world.ended.length).toBe(all.length);
      expect(world.isFree).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
