import type { EventData } from '@azure/arm-monitor';
import { sameId } from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** A write to Azure Monitor Logs that took effect or was taken on. */
export interface LoggedWrite {
  what: 'cluster-changed' | 'cluster-deleted' | 'workspace-linked';
  /** Resource id of the cluster or of the workspace. */
  resourceId: string;
  /** ISO; of the first event of the write. */
  at: string;
  caller?: string;
}

/** Azure's own record of who did what, kept for ninety days. Throws AzureError. */
export interface ActivityLog {
  /**
   * Deletions of clusters, each of which holds a name and a slot for a while (R42, R43), and links of
   * workspaces, each of which spends one of two in thirty days (R71), and changes of clusters, of which each
   * may have been one of their key; newest first.
   */
  writes(subscriptionId: string, since: Date, call: Call): Promise<Seen<LoggedWrite[]>>;
}

const counted = [
  {
    what: 'cluster-changed',
    operation: 'Microsoft.OperationalInsights/clusters/write',
    statuses: ['Accepted', 'Succeeded'],
  },
  {
    what: 'cluster-deleted',
    operation: 'Microsoft.OperationalInsights/clusters/delete',
    statuses: ['Succeeded'],
  },
  {
    what: 'workspace-linked',
    operation: 'Microsoft.OperationalInsights/workspaces/linkedServices/write',
    // A link counts from its acceptance, whether or not it succeeds later.
    statuses: ['Accepted', 'Succeeded'],
  },
] as const;

export function createActivityLog({ wire, activityLog }: SdkClients): ActivityLog {
  return {
    writes(subscriptionId, since, call) {
      const deed = { doing: 'reading the activity log of subscription', target: subscriptionId };
      const filter = `eventTimestamp ge '${since.toISOString()}' and resourceProvider eq 'Microsoft.OperationalInsights'`;
      return wire.ask(deed, call, async (options) => {
        // One entry for each write, though Azure logs its start, acceptance and end as events of their own.
        const writes = new Map<string, LoggedWrite>();
        for await (const event of activityLog(subscriptionId).activityLogs.list(filter, options)) {
          const write = toWrite(event);
          if (write === undefined) continue;
          const name = `${write.what} ${event.correlationId ?? event.eventDataId ?? write.at}`;
          const known = writes.get(name);
          if (known === undefined || write.at < known.at) writes.set(name, write);
        }
        return [...writes.values()].toSorted((left, right) => right.at.localeCompare(left.at));
      });
    },
  };
}

function toWrite(event: EventData): LoggedWrite | undefined {
  const { operationName, status, resourceId = '', eventTimestamp, caller } = event;
  const kind = counted.find(
    ({ operation, statuses }) =>
      sameId(operationName?.value ?? '', operation) &&
      statuses.some((counts) => sameId(status?.value ?? '', counts)),
  );
  if (kind === undefined) return undefined;
  return {
    what: kind.what,
    resourceId: resourceId.replace(/\/linkedServices\/cluster$/iu, ''),
    at: eventTimestamp?.toISOString() ?? '',
    ...(caller && { caller }),
  };
}
