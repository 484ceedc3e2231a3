import { quoted } from '#libs/temporal/executions.ts';
import type { Caller } from '../http/caller.ts';
import { readableSubscriptions, requireRole } from '../http/caller.ts';

/**
 * The conditions of a visibility query that keep a list within what the caller may read.
 * Throws `forbidden` when a subscription is named that is out of reach.
 */
export function inReach(caller: Caller, subscription?: string): string[] {
  if (subscription !== undefined) {
    requireRole(caller, ['reader'], subscription);
    return [`KeyturnSubscription = ${quoted(subscription.toLowerCase())}`];
  }
  const readable = readableSubscriptions(caller);
  return readable === undefined
    ? []
    : [`KeyturnSubscription IN (${readable.map(quoted).join(', ')})`];
}
