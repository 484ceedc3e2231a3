import type { Azure } from '#libs/azure/azure.ts';
import { formatClusterId, sameId, type ClusterId } from '#libs/domain/azure-ids.ts';
import { linkedElsewhere } from '#libs/domain/linked-elsewhere.ts';

import { callAzure } from './azure-call.ts';
import { final } from './failures.ts';
import { workspaceIdOf } from './resource-ids.ts';
import { sendOnce } from './send-once.ts';
import type { Watched } from './wait-for-azure.ts';

export interface LinkOrder {
  readonly cluster: ClusterId;
  /** Resource ids of at most 20 workspaces. */
  readonly workspaces: readonly string[];
}

export interface LinkedWorkspace {
  readonly workspaceId: string;
  readonly customerId?: string;
}

export interface LinksSettled {
  /** Linked workspaces, each with its own GUID, by which its data is asked for. */
  readonly linked: readonly LinkedWorkspace[];
  /** Workspaces that do not show the cluster, with what they show. */
  readonly open: readonly {
    readonly workspaceId: string;
    readonly seen: string;
    readonly moving: boolean;
    /** Resource id of another cluster that has it. */
    readonly linkedTo?: string;
  }[];
  readonly requestIds: readonly string[];
}

/** Deeds on the links of workspaces: a link spends one of two in 30 days (R71), so each is looked for first. */
export function linkActivities(azure: Azure) {
  return {
    /** Links every workspace that is not linked, at once; answers what is to be watched. */
    async startLinks({ cluster, workspaces }: LinkOrder): Promise<Watched[]> {
      const clusterId = formatClusterId(cluster);
      return await callAzure(async (call, attempt) => {
        const started = await allSettled(
          workspaces.map(async (target): Promise<Watched[]> => {
            const id = workspaceIdOf(target);
            const { value: link } = await azure.workspaces.readLink(id, call);
            if (link !== undefined && !sameId(link.clusterId, clusterId)) {
              throw final(
                'RefusedByRule',
                `linking ${target}: it is linked elsewhere`,
                linkedElsewhere(target, link.clusterId),
              );
            }
            if (link !== undefined)
              return link.provisioningState === 'Succeeded' ? [] : [{ target }];
            const { operationUrl } = await sendOnce(attempt, target, () =>
              azure.workspaces.link(id, clusterId, call),
            );
            return [operationUrl === undefined ? { target } : { target, operationUrl }];
          }),
        );
        return started.flat();
      });
    },

    /** Whether each workspace shows the cluster in its features (R21): a status code proves nothing. */
    async settleLinks({ cluster, workspaces }: LinkOrder): Promise<LinksSettled> {
      const clusterId = formatClusterId(cluster);
      return await callAzure(async (call) => {
        const reads = await Promise.all(
          workspaces.map(async (workspaceId) => ({
            workspaceId,
            ...(await azure.workspaces.read(workspaceIdOf(workspaceId), call)),
          })),
        );
        const shows = (read: (typeof reads)[number]) =>
          read.value?.clusterResourceId !== undefined &&
          sameId(read.value.clusterResourceId, clusterId);
        const open = reads.filter((read) => !shows(read));
        const links = await Promise.all(
          open.map(async ({ workspaceId }) => {
            const { value: link } = await azure.workspaces.readLink(
              workspaceIdOf(workspaceId),
              call,
            );
            if (link === undefined) return { workspaceId, seen: 'no link', moving: false };
            const seen = `link ${link.provisioningState}`;
            const moving = sameId(link.clusterId, clusterId);
            // A link to another cluster never becomes ours by waiting.
            return { workspaceId, seen, moving, ...(!moving && { linkedTo: link.clusterId }) };
          }),
        );
        return {
          linked: reads.filter(shows).map(({ workspaceId, value }) => ({
            workspaceId,
            ...(value?.customerId === undefined ? {} : { customerId: value.customerId }),
          })),
          open: links,
          requestIds: reads.map(({ requestId }) => requestId),
        };
      });
    },
  };
}

/**
 * Waits for all of them before it fails: a link that is sent after its deed has ended is known to nobody, and
 * would be sent again.
 * @throws the first failure
 */
async function allSettled<T>(deeds: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(deeds);
  return await Promise.all(deeds);
}
