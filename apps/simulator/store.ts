// oxlint-disable typescript/no-unnecessary-type-parameters -- a document is typed by whoever reads it
import type { Journal, JournalOperation } from './journal.ts';

/**
 * What a request or a settled effect may do to the simulated world. Everything a transaction wrote becomes one
 * journal line, or nothing at all if the handler throws.
 */
export interface Transaction {
  /** Simulated time, epoch milliseconds; inside a settled effect its due instant. */
  readonly now: number;
  /** The stored document, frozen: copy it to change it. Ids are compared without regard to case. */
  get<T>(collection: string, id: string): T | undefined;
  /** All documents of a collection, frozen, in insertion order. */
  list<T>(collection: string): T[];
  /** Stores a plain JSON value. A replaced document keeps its place in the list. */
  put(collection: string, id: string, value: object): void;
  remove(collection: string, id: string): void;
  /** Schedules Azure's own work: the duration (ms) is divided by the pace. Returns the due instant. */
  afterWork(durationMs: number, effect: string, args: object): number;
  /** Schedules at a calendar instant (epoch ms): never paced. */
  at(instantMs: number, effect: string, args: object): void;
  /** Names an effect for the exchange log, e.g. "cluster created". */
  note(effect: string): void;
}

/** A due piece of Azure's own work, stored like any document. */
export interface PendingEffect {
  readonly seq: number;
  readonly dueAt: number;
  readonly effect: string;
  readonly args: object;
}

interface Entry {
  readonly order: number;
  readonly value: object;
}

interface Change {
  readonly collection: string;
  readonly key: string;
  readonly before: Entry | undefined;
}

const EFFECTS = '$effects';

/** The document store: in memory, with every committed transaction in the journal. */
export class Store {
  readonly #collections = new Map<string, Map<string, Entry>>();
  readonly #journal: Journal;
  readonly #pace: number;
  #order = 0;
  #effectSeq = 0;

  /** Replays the journal. `pace` divides the durations of Azure's own work. */
  constructor(options: { journal: Journal; pace: number }) {
    this.#journal = options.journal;
    this.#pace = options.pace;
    this.#journal.replay((operation) => this.#apply(operation));
    for (const effect of this.read<PendingEffect>(EFFECTS)) {
      this.#effectSeq = Math.max(this.#effectSeq, effect.seq);
    }
  }

  /** Runs `work`; commits what it wrote, or takes all of it back when it throws. Never interleave two. */
  async transact<T>(
    now: number,
    work: (tx: Transaction) => T | Promise<T>,
  ): Promise<{ result: T; notes: string[] }> {
    const session = new Session(this, now);
    try {
      const result = await work(session);
      this.#journal.append(session.operations());
      return { result, notes: session.notes };
    } catch (error) {
      session.rollBack();
      throw error;
    }
  }

  /** The documents of a collection, outside any transaction. */
  read<T>(collection: string): T[] {
    return [...(this.#collections.get(collection)?.values() ?? [])].map(
      (entry) => entry.value as T,
    );
  }

  /** One document, outside any transaction. */
  find<T>(collection: string, id: string): T | undefined {
    return this.entry(collection, id.toLowerCase())?.value as T | undefined;
  }

  /** The names of all collections that hold something. */
  collections(): string[] {
    return [...this.#collections].filter(([, entries]) => entries.size > 0).map(([name]) => name);
  }

  /** The effect that is due first, by instant and then by order of scheduling. */
  nextEffect(): PendingEffect | undefined {
    let next: PendingEffect | undefined;
    for (const effect of this.read<PendingEffect>(EFFECTS)) {
      const earlier =
        next === undefined ||
        effect.dueAt < next.dueAt ||
        (effect.dueAt === next.dueAt && effect.seq < next.seq);
      if (earlier) next = effect;
    }
    return next;
  }

  /** Takes an effect off the list; part of the transaction that applies it. */
  dropEffect(tx: Transaction, effect: PendingEffect): void {
    tx.remove(EFFECTS, String(effect.seq));
  }

  /** @internal The stored entry under a lower-case key. */
  entry(collection: string, key: string): Entry | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  /** @internal Sets or deletes an entry without journaling it. */
  set(change: { collection: string; key: string; value: object | undefined }): void {
    const entries = this.#collections.get(change.collection) ?? new Map<string, Entry>();
    this.#collections.set(change.collection, entries);
    if (change.value === undefined) {
      entries.delete(change.key);
      return;
    }
    const order = entries.get(change.key)?.order ?? ++this.#order;
    entries.set(change.key, { order, value: freeze(change.value) });
  }

  /** @internal Puts entries back as they were; a removed one returns to its place. */
  restore(changes: readonly Change[]): void {
    for (const { collection, key, before } of changes.toReversed()) {
      const entries = this.#collections.get(collection);
      if (!entries) continue;
      if (before === undefined) {
        entries.delete(key);
        continue;
      }
      const present = entries.has(key);
      entries.set(key, before);
      if (present) continue;
      const sorted = [...entries].toSorted(([, a], [, b]) => a.order - b.order);
      this.#collections.set(collection, new Map(sorted));
    }
  }

  /** @internal Adds an effect to the list. */
  schedule(tx: Transaction, effect: { dueAt: number; effect: string; args: object }): void {
    const seq = ++this.#effectSeq;
    tx.put(EFFECTS, String(seq), { seq, ...effect });
  }

  /** @internal How long Azure's work takes here. */
  paced(durationMs: number): number {
    return durationMs / this.#pace;
  }

  #apply(operation: JournalOperation): void {
    const [collection, key, value] = operation;
    this.set({ collection, key, value: value ?? undefined });
  }
}

/** One transaction in progress. */
class Session implements Transaction {
  readonly now: number;
  readonly notes: string[] = [];
  readonly #store: Store;
  readonly #changes: Change[] = [];

  constructor(store: Store, now: number) {
    this.#store = store;
    this.now = now;
  }

  get<T>(collection: string, id: string): T | undefined {
    return this.#store.find<T>(collection, id);
  }

  list<T>(collection: string): T[] {
    return this.#store.read<T>(collection);
  }

  put(collection: string, id: string, value: object): void {
    this.#write(collection, id.toLowerCase(), value);
  }

  remove(collection: string, id: string): void {
    this.#write(collection, id.toLowerCase(), undefined);
  }

  afterWork(durationMs: number, effect: string, args: object): number {
    const dueAt = Math.round(this.now + this.#store.paced(durationMs));
    this.#store.schedule(this, { dueAt, effect, args });
    return dueAt;
  }

  at(instantMs: number, effect: string, args: object): void {
    this.#store.schedule(this, { dueAt: instantMs, effect, args });
  }

  note(effect: string): void {
    this.notes.push(effect);
  }

  operations(): JournalOperation[] {
    const touched = new Map<string, JournalOperation>();
    for (const { collection, key } of this.#changes) {
      const value = this.#store.entry(collection, key)?.value ?? null;
      touched.set(JSON.stringify([collection, key]), [collection, key, value]);
    }
    return [...touched.values()];
  }

  rollBack(): void {
    this.#store.restore(this.#changes);
  }

  #write(collection: string, key: string, value: object | undefined): void {
    const before = this.#store.entry(collection, key);
    if (before === undefined && value === undefined) return;
    this.#changes.push({ collection, key, before });
    this.#store.set({ collection, key, value });
  }
}

/** A frozen copy: what is stored is exactly what a replay would bring back. */
function freeze<T extends object>(value: T): T {
  return deepFreeze(JSON.parse(JSON.stringify(value)) as T);
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
