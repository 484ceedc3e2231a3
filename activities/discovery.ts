import type { Azure } from '#libs/azure/azure.ts';
import { parseClusterId } from '#libs/domain/azure-ids.ts';
import type { ClusterSeen } from '#libs/domain/events.ts';
import { inspectionFindings, toClusterSeen } from '#libs/domain/inspection.ts';

import { callAzure } from './azure-call.ts';
import { inspectCluster } from './inspection.ts';

export interface DiscoveryOrder {
  readonly subscriptionId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

export interface Discovered {
  /** When it was read, ISO 8601. */
  readonly at: string;
  readonly clusters: readonly ClusterSeen[];
}

/** The deed of discovery: it reads one cluster after the other, for nobody waits for it in a hurry. */
export function discoveryActivities(azure: Azure) {
  return {
    async discoverClusters({ subscriptionId, now }: DiscoveryOrder): Promise<Discovered> {
      return await callAzure(async (call) => {
        const { value: listed } = await azure.clusters.list(subscriptionId, call);
        const clusters: ClusterSeen[] = [];
        for (const { id } of listed) {
          const cluster = parseClusterId(id);
          const inspected = cluster && (await inspectCluster(azure, { cluster, now }, call));
          // Deleted between the list and its own read: it is not there any more.
          if (inspected === undefined) continue;
          clusters.push(toClusterSeen(inspected, inspectionFindings(inspected, now)));
        }
        return { at: new Date(now).toISOString(), clusters };
      });
    },
  };
}
