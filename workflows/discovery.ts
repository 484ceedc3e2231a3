import type { Discovered } from '#activities/discovery.ts';

import { azure } from './proxies.ts';

/** Reads every cluster of a subscription, whoever made it; nothing is kept but the answer. */
export async function discovery(subscriptionId: string): Promise<Discovered> {
  return await azure.discoverClusters({ subscriptionId, now: Date.now() });
}
