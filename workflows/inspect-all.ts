import { continueAsNew } from '@temporalio/workflow';

import type { Inspections } from '#activities/inspect-all.ts';

import { rounds } from './proxies.ts';

/** Pages that one history holds: some hundred events. */
const pagesPerRun = 20;

export interface InspectAllInput {
  /** Where to go on, and what was counted before. */
  readonly carried?: Inspections;
}

/**
 * Inspects every cluster that Keyturn looks after, page by page. The entities are told only what has changed; nothing
 * is kept here but numbers.
 */
export async function inspectAll({ carried }: InspectAllInput): Promise<Inspections> {
  let total: Inspections = carried ?? { inspected: 0, changed: 0, followed: 0, unread: 0 };
  for (let page = 0; page < pagesPerRun; page += 1) {
    const { next } = total;
    const seen = await rounds.inspectPage(next === undefined ? {} : { cursor: next });
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
