import type { BindOrder, Settled } from '#activities/clusters.ts';

import { azure } from './proxies.ts';
import { settleInAzure } from './settle.ts';
import type { Work } from './work.ts';

/** Points the cluster at a key and sees it take effect. */
export async function bindCluster(
  work: Pick<Work, 'showWait' | 'timeline'>,
  order: BindOrder,
): Promise<Settled> {
  return await settleInAzure({
    work,
    started: await azure.startBind(order),
    step: 'bind',
    usually: 'Azure takes the key over, usually within minutes',
    settle: async () => await azure.settleBind(order),
  });
}
