// oxlint-disable typescript/no-unnecessary-type-parameters -- a document is typed by whoever reads it
import type { PendingEffect, Store, Transaction } from './store.ts';

/** Applies a due piece of Azure's work; must not throw for anything a client could cause. */
type Effect = (tx: Transaction, args: never) => void;

const effects = new Map<string, Effect>();

/** Names an effect so that a pending one survives a restart as its name and plain arguments. */
export function defineEffect<A extends object>(
  name: string,
  apply: (tx: Transaction, args: A) => void,
): void {
  if (effects.has(name)) throw new Error(`defining effect ${name}: it is already defined`);
  effects.set(name, apply);
}

/**
 * Applies everything due until `now` (epoch ms), in order of (dueAt, seq), each in its own transaction at its own
 * due instant: a jump of fourteen days leaves the same traces as fourteen days of waiting.
 */
export async function settle(store: Store, now: number): Promise<void> {
  for (let next = store.nextEffect(); next && next.dueAt <= now; next = store.nextEffect()) {
    await settleOne(store, next);
  }
}

async function settleOne(store: Store, pending: PendingEffect): Promise<void> {
  try {
    await store.transact(pending.dueAt, (tx) => {
      store.dropEffect(tx, pending);
      const apply = effects.get(pending.effect);
      if (!apply) throw new Error('no effect of that name is defined');
      apply(tx, pending.args as never);
    });
  } catch (error) {
    process.stderr.write(`settling ${pending.effect} #${pending.seq}: ${String(error)}\n`);
    await store.transact(pending.dueAt, (tx) => store.dropEffect(tx, pending));
  }
}
