import { decide } from '#libs/domain/cluster.ts';
import { fact, type DomainEvent, type EventData } from '#libs/domain/events.ts';
import type { Refusal } from '#libs/domain/refusal-codes.ts';

import type { ClusterRecord } from './cluster-record.ts';
import { startOperation } from './start-operation.ts';

type Wanted = EventData['FollowUpWanted'];

/**
 * Operations that are to follow others: the entity starts each like a request. Their ids are derived from
 * those they follow, so that what is told twice is started once.
 */
export class FollowUps {
  readonly #record: ClusterRecord;
  readonly #wanted: Wanted[] = [];

  constructor(record: ClusterRecord) {
    this.#record = record;
  }

  get hasWork(): boolean {
    return this.#wanted.length > 0;
  }

  take(events: readonly DomainEvent[]): void {
    for (const event of events) if (event.type === 'FollowUpWanted') this.#wanted.push(event.data);
  }

  async work(): Promise<void> {
    for (let next = this.#wanted.shift(); next !== undefined; next = this.#wanted.shift()) {
      const { cluster } = this.#record;
      if (cluster.operations.some(({ id }) => id === next.operationId)) continue;
      const decided = decide(cluster, { type: 'RequestOperation', ...next });
      if ('code' in decided) {
        this.#record.record([fact('FindingRaised', { finding: refused(next, decided) })]);
        continue;
      }
      this.#record.record(decided, next.operationId);
      this.#record.show();
      await startOperation(next, cluster.id);
    }
  }
}

const refused = ({ kind, operationId }: Wanted, { reason }: Refusal) =>
  ({
    code: 'follow_up_refused',
    severity: 'warning',
    rule: 'lane',
    reason: `${kind} ${operationId} was to follow and may not: ${reason}`,
    remedy: 'Ask for it yourself when what stands against it is over.',
  }) as const;
