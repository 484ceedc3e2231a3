import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { WorkflowClient } from '@temporalio/client';
import type { EventView } from '#libs/contracts/http/event-views.ts';
import { isLastEvent, toEventView } from '#libs/contracts/http/event-views.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { LedgerReader } from '#libs/ledger/ledger.ts';
import { asRefused } from '../engine/call-engine.ts';
import { workflowClient } from '../engine/engine.module.ts';
import type { Listener } from '../http/access.ts';
import type { Caller } from '../http/caller.ts';
import { requireRole } from '../http/caller.ts';
import { Refused } from '../http/refused.ts';
import { ledgerReader } from '../ledger/ledger.module.ts';
import { ApiMetrics } from '../metrics/api-metrics.ts';
import type { EventFeed } from './event-feed.ts';
import { EventFeeds } from './event-feeds.ts';
import { readOperationEvents } from './operation-events.ts';

/** Operations as they happen. */
@Injectable()
export class OperationEventsService implements BeforeApplicationShutdown {
  private readonly feeds: EventFeeds;
  private readonly closing = new AbortController();

  constructor(
    @Inject(workflowClient) client: WorkflowClient,
    @Inject(ledgerReader) ledger: LedgerReader,
    @Inject(ApiMetrics) private readonly metrics: ApiMetrics,
  ) {
    this.feeds = new EventFeeds((id, signal) =>
      readOperationEvents({ client, ledger }, id, signal),
    );
  }

  /**
   * The operation's events after the one that was seen last, those to come included; they end with the
   * operation, and before that when the caller's token or this process ends: whoever comes again with the
   * last id misses nothing. Undefined when nothing comes any more. `gone` is aborted
   * when the listener has left.
   * Throws `operation_unknown`, `forbidden`, `engine_unavailable`.
   */
  async listen(
    id: string,
    { caller, after }: Listener,
    gone: AbortSignal,
  ): Promise<AsyncIterable<EventView> | undefined> {
    const { feed, leave } = this.feeds.join(id);
    try {
      await requireReader(feed, id, caller);
      if (feed.hasAfter(after)) {
        const closed = this.metrics.streamOpened();
        const expired = AbortSignal.timeout(withinADay(caller.until - Date.now()));
        const signal = AbortSignal.any([gone, expired, this.closing.signal]);
        const end = () => {
          closed();
          leave();
        };
        return listenTo(feed, { after, signal, end });
      }
    } catch (error) {
      leave();
      throw error;
    }
    leave();
    return undefined;
  }

  /** Open streams would keep the server from closing. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
  }
}

/** A token may be good for longer than a timer can count. */
const withinADay = (ms: number): number => Math.min(Math.max(ms, 0), 86_400_000);

async function requireReader(feed: EventFeed, id: string, caller: Caller): Promise<void> {
  const first = await feed.first().catch((error: unknown) => {
    throw asRefused(error);
  });
  if (first === undefined) {
    throw new Refused({ code: 'operation_unknown', reason: `operation ${id} is not known` });
  }
  requireRole(caller, ['reader'], parseClusterId(first.cluster ?? '')?.subscriptionId);
}

async function* listenTo(
  feed: EventFeed,
  { after, signal, end }: { after: number; signal: AbortSignal; end: () => void },
): AsyncGenerator<EventView, void, undefined> {
  try {
    for await (const event of feed.after(after, signal)) {
      yield toEventView(event);
      if (isLastEvent(event)) return;
    }
  } finally {
    end();
  }
}
