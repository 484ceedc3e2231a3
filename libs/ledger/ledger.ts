import type { DomainEvent } from '#libs/domain/events.ts';

/**
 * The memory that outlives Temporal's histories: an append-only table of events. It keeps and proves, and
 * never decides. Only workers append; everybody may read.
 */
export interface Ledger extends LedgerReader {
  /**
   * Keeps the events, each once by (stream, seq): repeating a batch changes nothing.
   * Either the whole batch is kept or none of it. Gives back those that were not kept before.
   * @throws LedgerConflict when one of the places already holds another event.
   * @throws LedgerGap when the event before one of them in its stream is neither kept nor in the batch.
   */
  append(events: readonly DomainEvent[]): Promise<DomainEvent[]>;
  /** The hash of the workflow bundle that passed the replay gate last; undefined when none has. */
  lastPassedBundle(): Promise<string | undefined>;
  /** Keeps that this bundle has passed, from now on as the last. */
  keepPassedBundle(hash: string): Promise<void>;
}

/** What everybody may do with the ledger. */
export interface LedgerReader {
  /** The events of a stream in order of `seq`, from `fromSeq` (default 1) on. */
  read(stream: string, fromSeq?: number): Promise<DomainEvent[]>;
  /** Every event that names the operation, in the order they were kept, whatever stream wrote it. */
  readOperation(operationId: string): Promise<DomainEvent[]>;
  /** Recomputes a chain of hashes; `chain` is a cluster's resource id, or a stream without a cluster. */
  verifyChain(chain: string): Promise<ChainVerdict>;
  /**
   * Reads what is needed to prove an operation or a period by itself; undefined when it has no event.
   * @throws StretchTooLong when it would hold more than `atMost` events
   */
  stretch(of: StretchOf, atMost: number): Promise<ChainStretch | undefined>;
  close(): Promise<void>;
}

/** An event as its chain keeps it. */
export interface ChainLink {
  /** Place in the chain, counted from 1. */
  readonly position: number;
  readonly hash: string;
  /** The event as canonical JSON: what the hash is computed over. */
  readonly text: string;
}

/** What a stretch of a chain is to cover: an operation, or a period of a chain (`to` is not part of it). */
export type StretchOf =
  | { readonly operationId: string }
  | { readonly chain: string; readonly from: string; readonly to: string };

/**
 * A chain from the first to the last event that was asked for, with everything in between, so that every link
 * can be computed again; and where the chain ended when it was read.
 */
export interface ChainStretch {
  readonly chain: string;
  readonly length: number;
  readonly head: string;
  /** The hash before the first link. */
  readonly before: string;
  readonly links: readonly ChainLink[];
}

/** What a chain proves. `head` is the last hash: written down elsewhere, it also proves that nothing was cut off. */
export type ChainVerdict =
  | { readonly intact: true; readonly length: number; readonly head: string }
  | { readonly intact: false; readonly position: number; readonly reason: string };

/** More events than are handed out at once. */
export class StretchTooLong extends Error {
  override readonly name = 'StretchTooLong';

  constructor(count: number, atMost: number) {
    super(`reading the ledger: ${count} events are more than ${atMost}`);
  }
}

/** An event would stand after nothing: the ledger has lost what it kept of the stream, and must get all of it again. */
export class LedgerGap extends Error {
  override readonly name = 'LedgerGap';

  constructor({ stream, seq }: { readonly stream: string; readonly seq: number }) {
    super(`appending ${stream} #${seq}: the ledger does not hold the event before it`);
  }
}

/** Two different events claim one place in a stream: a defect or a forgery, never a repetition. */
export class LedgerConflict extends Error {
  override readonly name = 'LedgerConflict';
  readonly stream: string;
  readonly seq: number;

  constructor(stream: string, seq: number) {
    super(`appending ${stream} #${seq}: the ledger holds another event at this place`);
    this.stream = stream;
    this.seq = seq;
  }
}
