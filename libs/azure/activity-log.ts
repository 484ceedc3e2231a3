import type { EventData } from '@azure/arm-monitor';
import {
  type ClusterId,
  formatClusterId,
  formatWorkspaceId,
  sameId,
  type WorkspaceId,
} from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** Azure's own record of who did what, kept for ninety days. Every method throws AzureError. */
export interface ActivityLog {
  /** Deletions of a cluster that took effect, newest first; each holds the name for a while (R43). */
  clusterDeletions(
    id: ClusterId,
    since: Date,
    call: Call,
  ): Promise<Seen<{ at: string; caller?: string }[]>>;
  /** Links of a workspace that Azure took, newest first; each spends one of two in thirty days. */
  linkWrites(id: WorkspaceId, since: Date, call: Call): Promise<Seen<{ at: string }[]>>;
}

interface Question {
  subscriptionId: string;
  resourceId: string;
  /** The operation's name, compared without regard to case. */
  operation: string;
  /** What the event must say for the write to count. */
  statuses: readonly string[];
  since: Date;
}

export function createActivityLog({ wire, activityLog }: SdkClients): ActivityLog {
  return {
    async clusterDeletions(id, since, call) {
      const { value, requestId } = await readWrites(call, {
        subscriptionId: id.subscriptionId,
        resourceId: formatClusterId(id),
        operation: 'Microsoft.OperationalInsights/clusters/delete',
        statuses: ['Succeeded'],
        since,
      });
      const deletions = value.map(({ at, caller }) => ({ at, ...(caller && { caller }) }));
      return { value: deletions, requestId };
    },
    async linkWrites(id, since, call) {
      const { value, requestId } = await readWrites(call, {
        subscriptionId: id.subscriptionId,
        resourceId: `${formatWorkspaceId(id)}/linkedServices/cluster`,
        operation: 'Microsoft.OperationalInsights/workspaces/linkedServices/write',
        // A link counts from its acceptance, whether or not it succeeds later.
        statuses: ['Accepted', 'Succeeded'],
        since,
      });
      return { value: value.map(({ at }) => ({ at })), requestId };
    },
  };

  /** One entry for each write, though Azure logs its start, acceptance and end as events of their own. */
  async function readWrites(call: Call, question: Question) {
    const { subscriptionId, resourceId, since } = question;
    const filter = `eventTimestamp ge '${since.toISOString()}' and resourceUri eq '${resourceId}'`;
    const deed = { doing: 'reading the activity log of', target: resourceId };
    return wire.ask(deed, call, async (options) => {
      const writes = new Map<string, { at: string; caller: string | undefined }>();
      const events = activityLog(subscriptionId).activityLogs.list(filter, options);
      for await (const event of events) {
        if (!answersTo(event, question)) continue;
        const at = event.eventTimestamp?.toISOString() ?? '';
        const name = event.correlationId ?? event.eventDataId ?? at;
        const known = writes.get(name);
        if (known === undefined || at < known.at) writes.set(name, { at, caller: event.caller });
      }
      return [...writes.values()].toSorted((left, right) => right.at.localeCompare(left.at));
    });
  }
}

function answersTo(event: EventData, { operation, statuses }: Question): boolean {
  return (
    sameId(event.operationName?.value ?? '', operation) &&
    statuses.some((status) => sameId(event.status?.value ?? '', status))
  );
}
