import type { DomainEvent } from '#libs/domain/events.ts';
import type { Ledger } from '#libs/ledger/ledger.ts';

/** Keeps events for ever; appending the same events again changes nothing. */
export function ledgerActivities(ledger: Ledger) {
  return {
    async appendToLedger(events: readonly DomainEvent[]): Promise<void> {
      await ledger.append(events);
    },
  };
}
