import { WorkflowNotFoundError } from '@temporalio/client';
import { operationWorkflowId } from '#libs/contracts/temporal.ts';
import type { DomainEvent } from '#libs/domain/events.ts';
import type { LedgerReader } from '#libs/ledger/ledger.ts';
import type { HistoryClient } from '#libs/temporal/follow-memo.ts';
import { followMemo } from '#libs/temporal/follow-memo.ts';

/** Where an operation's events are. */
export interface EventSources {
  readonly client: HistoryClient;
  readonly ledger: LedgerReader;
}

/**
 * Every event of an operation, each once and in order, those still to come included, until its workflow has
 * closed: from the history, and from the ledger what the engine has forgotten. Empty for an operation that
 * neither knows.
 */
export async function* readOperationEvents(
  { client, ledger }: EventSources,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<readonly DomainEvent[], void, undefined> {
  const stream = operationWorkflowId(id);
  const followed = { workflowId: stream, member: 'events', signal };
  let seq = 0;
  try {
    for await (const batches of followMemo<DomainEvent[]>(client, followed)) {
      const fresh = batches.flat().filter((event) => event.seq > seq);
      const [first] = fresh;
      if (first === undefined) continue;
      // A history that went on as a new run begins later; what came before was kept before that.
      if (first.seq > seq + 1) {
        const earlier = await ledger.read(stream, seq + 1);
        yield earlier.filter((event) => event.seq < first.seq);
      }
      yield fresh;
      seq = fresh.at(-1)?.seq ?? seq;
    }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    yield await ledger.read(stream, seq + 1);
  }
}
