import { isAggregateLogsUploadError } from '@azure/monitor-ingestion';
import { LogsQueryResultStatus } from '@azure/monitor-query-logs';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';
import type { Started } from './wire.ts';

/** Where records are sent: a stream of a data collection rule, through an endpoint. */
export interface LogStream {
  /** `https://{endpoint}.{region}.ingest.monitor.azure.com` */
  endpoint: string;
  /** The rule's immutable id, `dcr-…`. */
  ruleId: string;
  streamName: string;
}

export interface LogQuestion {
  kql: string;
  /** ISO 8601 duration until now, e.g. `PT1H`. */
  timespan: string;
}

export interface LogAnswer {
  rows: Record<string, unknown>[];
  /** Why Azure says that these rows are not all; absent when they are. */
  partial?: string;
}

/** The data plane of Log Analytics. Both methods throw AzureError. */
export interface Logs {
  /**
   * Sends one record. Accepted is all that is known then: it is seen by queries a minute or so later, and a
   * workspace whose cluster has no access to its key drops it without a word (R83). Not idempotent.
   */
  ingest(stream: LogStream, record: Record<string, unknown>, call: Call): Promise<Started>;
  /** Asks one workspace, by its own GUID (`customerId`). */
  query(workspaceCustomerId: string, question: LogQuestion, call: Call): Promise<Seen<LogAnswer>>;
}

export function createLogs({ wire, ingestion, queries }: SdkClients): Logs {
  return {
    ingest: ({ endpoint, ruleId, streamName }, record, call) =>
      wire.start(
        { doing: 'sending a record to', target: `${ruleId}/${streamName}` },
        call,
        async (options) => {
          try {
            await ingestion(endpoint).upload(ruleId, streamName, [record], options);
          } catch (error) {
            // The SDK wraps what happened to each part of an upload; one record is one part.
            throw isAggregateLogsUploadError(error) ? error.errors[0]?.cause : error;
          }
        },
      ),
    query: (workspaceCustomerId, { kql, timespan }, call) =>
      wire.ask({ doing: 'querying workspace', target: workspaceCustomerId }, call, async () => {
        const interval = { duration: timespan };
        const answer = await queries().queryWorkspace(workspaceCustomerId, kql, interval);
        if (answer.status === LogsQueryResultStatus.Success) return { rows: toRows(answer.tables) };
        const { code, message } = answer.partialError;
        return { rows: toRows(answer.partialTables), partial: `${code} ${message}` };
      }),
  };
}

/** The first table's rows by column; a query has one unless it asks for more. */
function toRows(
  tables: { columnDescriptors: { name?: string }[]; rows: unknown[][] }[],
): Record<string, unknown>[] {
  const [table] = tables;
  const names = table?.columnDescriptors.map(({ name }) => name ?? '') ?? [];
  return (table?.rows ?? []).map((row) =>
    Object.fromEntries(names.map((name, index) => [name, row[index]])),
  );
}
