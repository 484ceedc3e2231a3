import pLimit, { type LimitFunction } from 'p-limit';

/**
 * How many updates one process has under way with one workflow. Temporal takes ten, and drops all that it had
 * under way for the workflow when it refuses an eleventh; half of them leaves room for a second process.
 */
export const updatesAtOnce = 5;

interface Turns {
  readonly limit: LimitFunction;
  /** Who waits for a turn or has one. */
  open: number;
}

const turnsOf = new Map<string, Turns>();

/** Sends when it is its turn with that workflow; others wait in order of their coming. */
export async function inTurn<T>(workflowId: string, send: () => Promise<T>): Promise<T> {
  const turns = turnsOf.get(workflowId) ?? { limit: pLimit(updatesAtOnce), open: 0 };
  turnsOf.set(workflowId, turns);
  turns.open += 1;
  try {
    return await turns.limit(send);
  } finally {
    turns.open -= 1;
    // As many workflows are sent to as there are clusters and operations: only the busy ones are kept.
    if (turns.open === 0) turnsOf.delete(workflowId);
  }
}
