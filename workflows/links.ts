import { ApplicationFailure, sleep } from '@temporalio/workflow';

import type { LinksSettled } from '#activities/links.ts';
import { formatClusterId, type ClusterId } from '#libs/domain/azure-ids.ts';
import { fact } from '#libs/domain/events.ts';
import { linkedElsewhere } from '#libs/domain/linked-elsewhere.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';

import { azure } from './proxies.ts';
import { lookAgainMs, watch } from './settle.ts';
import type { Done, Work } from './work.ts';

/** Links in flight at once. */
const pageSize = 20;

export interface Linked extends Done {
  /** The workspaces' own GUIDs by resource id, by which their data is asked for. */
  readonly customerIds: Readonly<Record<string, string>>;
}

/** Links workspaces page by page: one start, one poll, one look back for a whole page. */
export async function linkInPages(
  work: Pick<Work, 'showWait' | 'mayWrite'>,
  { cluster, workspaces }: Pick<ProvisionRequest, 'cluster' | 'workspaces'>,
): Promise<Linked> {
  const requestIds: string[] = [];
  const customerIds: Record<string, string> = {};
  for (let first = 0; first < workspaces.length; first += pageSize) {
    const page = workspaces.slice(first, first + pageSize);
    await work.mayWrite();
    const settled = await linkPage(work, cluster, page);
    requestIds.push(...settled.requestIds);
    for (const { workspaceId, customerId } of settled.linked)
      if (customerId !== undefined) customerIds[workspaceId] = customerId;
  }
  const clusterId = formatClusterId(cluster);
  return {
    customerIds,
    detail:
      workspaces.length === 1 ? '1 workspace linked' : `${workspaces.length} workspaces linked`,
    facts: workspaces.map((workspaceId) => fact('WorkspaceLinked', { clusterId, workspaceId })),
    evidence: requestIds.map((requestId, index) => ({
      claim: `workspace ${workspaces[index]} shows the cluster`,
      grade: 'observed',
      requestId,
    })),
  };
}

async function linkPage(
  work: Pick<Work, 'showWait'>,
  cluster: ClusterId,
  page: readonly string[],
): Promise<LinksSettled> {
  const watched = await azure.startLinks({ cluster, workspaces: page });
  if (watched.length > 0)
    await work.showWait('link', 'Azure links the workspaces, up to two hours each');
  const ended = await watch(watched);
  for (;;) {
    const settled = await azure.settleLinks({ cluster, workspaces: page });
    const { open } = settled;
    if (open.length === 0) return settled;
    const stuck = open.filter(({ moving }) => !moving);
    if (stuck.length > 0) {
      const seen = stuck.map(({ workspaceId, seen: what }) => {
        const said =
          ended.find(({ target }) => target === workspaceId)?.message ?? 'Azure gave no reason';
        return `${workspaceId}: ${what}, ${said}`;
      });
      throw ApplicationFailure.create({
        type: 'NotAsExpected',
        message: seen.join('; '),
        nonRetryable: true,
        details: stuck.flatMap(({ workspaceId, linkedTo }) =>
          linkedTo === undefined ? [] : [linkedElsewhere(workspaceId, linkedTo)],
        ),
      });
    }
    await sleep(lookAgainMs);
  }
}
