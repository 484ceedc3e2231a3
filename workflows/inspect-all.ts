import { continueAsNew, workflowInfo } from '@temporalio/workflow';

import type { Inspections, News } from '#activities/inspect-all.ts';
import { fact } from '#libs/domain/events.ts';
import { eventOf } from '#libs/domain/operation-stream.ts';

import { ledgerAtHand, ledgerPatiently, rounds } from './proxies.ts';

/** Pages that one history holds: some hundred events. */
const pagesPerRun = 20;

export interface InspectAllInput {
  /** Where to go on, and what was counted before. */
  readonly carried?: Inspections;
}

/**
 * Inspects every cluster that Keyturn looks after, page by page. The entities are told only what has changed, after
 * the ledger has kept the findings that are new; nothing is kept here but numbers.
 */
export async function inspectAll({ carried }: InspectAllInput): Promise<Inspections> {
  let total: Inspections = carried ?? { inspected: 0, changed: 0, followed: 0, unread: 0 };
  for (let page = 0; page < pagesPerRun; page += 1) {
    const { next } = total;
    const seen = await rounds.inspectPage(next === undefined ? {} : { cursor: next });
    // What earlier releases inspected was told already.
    const { news = [] } = seen;
    if (news.length > 0) {
      await keep(news, page);
      await rounds.tellNews(news);
    }
    total = {
      inspected: total.inspected + seen.inspected,
      changed: total.changed + seen.changed,
      followed: total.followed + seen.followed,
      unread: total.unread + seen.unread,
      ...(seen.next === undefined ? {} : { next: seen.next }),
    };
    if (seen.next === undefined) return total;
  }
  return await continueAsNew<typeof inspectAll>({ carried: total });
}

/** Keeps the findings that are new, in a stream of the page's own, so that the ledger can lack nothing before them. */
async function keep(news: readonly News[], page: number): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const at = new Date().toISOString();
  const stream = `${workflowId}/${runId}/${page}`;
  const events = news
    .flatMap(({ event: { cluster = '' }, raised }) =>
      raised.map((finding) => ({ cluster, finding })),
    )
    .map(({ cluster, finding }, index) =>
      eventOf(fact('FindingRaised', { finding }), { stream, seq: index + 1, at, cluster }),
    );
  if (events.length === 0) return;
  try {
    await ledgerAtHand.appendToLedger(events);
  } catch {
    await ledgerPatiently.appendToLedger(events);
  }
}
