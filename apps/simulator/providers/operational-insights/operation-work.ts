import type { Call } from '../../route.ts';
import { settingsOf } from '../../settings.ts';

/** When a long operation's work is due, and how a fault bends it; part of the operation's record. */
export interface OperationWork {
  /** When it ends if nothing comes between, epoch ms. */
  readonly dueAt: number;
  /** Work that waits for a fault rule to be deleted. */
  readonly held?: { readonly faultId: string; readonly effect: string; readonly args: object };
  /** How it ends although its work succeeds. */
  readonly failsWith?: { readonly code: string; readonly message: string };
  /** From here on the record says Succeeded, whatever the resource does. */
  readonly recordEndsAt?: number;
  /** For so long after its end the record says InProgress. */
  readonly recordLagMs?: number;
  /** Set when the record is not found. */
  readonly lost?: true;
}

/** Schedules the effect that ends an operation, or what the fault of the request makes of it. */
export function scheduleWork(
  call: Call,
  work: { durationMs: number; effect: string; failure: string; args: object },
): OperationWork {
  const { tx, fault } = call;
  const { durationMs, effect, failure, args } = work;
  const dueAt = Math.round(tx.now + durationMs / settingsOf(tx).pace);
  const action = fault?.action;
  switch (action?.kind) {
    case 'stuck':
      return { dueAt, held: { faultId: fault?.id ?? '', effect, args } };
    case 'fail': {
      const { code, message = 'The operation failed.', when } = action;
      const failsWith = { code, message };
      tx.at(dueAt, when === 'after' ? effect : failure, args);
      return { dueAt, failsWith };
    }
    case 'record-early':
      tx.at(dueAt + action.seconds * 1000, effect, args);
      return { dueAt, recordEndsAt: dueAt };
    case 'record-late':
      tx.at(dueAt, effect, args);
      return { dueAt, recordLagMs: action.seconds * 1000 };
    default:
      tx.at(dueAt, effect, args);
      return { dueAt, ...(action?.kind === 'lost-record' && { lost: true as const }) };
  }
}
