import { listWorkspaces } from '../providers/operational-insights/documents.ts';
import type { Reply, SimulatedAzure } from '../simulated-azure.ts';
import { describeIngestion } from './describe-ingestion.ts';
import { describeLogs } from './describe-logs.ts';

export type WorkspaceNumbers = ReturnType<typeof describeLogs>[string];

/** Sending and finding records as the specs do it, through the default seed's rule. */
export interface SpecLogs {
  readonly ruleId: string;
  readonly streamUrl: string;
  send(records: unknown, as?: string): Promise<Reply>;
  /** Sends one marked record and waits until queries see it. */
  sendMarked(marker: string): Promise<void>;
  query(workspace: string, query: string, rest?: object): Promise<Reply>;
  /** The markers a workspace shows, or the code of the refusal. */
  markers(workspace: string, rest?: object): Promise<unknown[] | string>;
  numbers(workspace: string): Promise<WorkspaceNumbers>;
}

/** Longer than a record is on its way. */
const ARRIVAL_SECONDS = 31;

export async function openSpecLogs(azure: SimulatedAzure): Promise<SpecLogs> {
  const { endpoint, ruleId, streamName } = await azure.look((tx) => {
    const described = describeIngestion(tx);
    if (described === undefined) throw new Error('finding the way in: there is no rule');
    return described;
  });
  const workspaces = await azure.look((tx) => listWorkspaces(tx));
  const named = (wanted: string) => {
    const found = workspaces.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`finding ${wanted}: there is no such workspace`);
    return found;
  };
  const streamUrl = `${endpoint}/dataCollectionRules/${ruleId}/streams/${streamName}`;
  const send: SpecLogs['send'] = async (body, as = 'keyturn') =>
    await azure.ask('POST', streamUrl, { apiVersion: '2023-01-01', body, as });
  const query: SpecLogs['query'] = async (workspace, text, rest = {}) => {
    const url = `https://api.loganalytics.io/v1/workspaces/${named(workspace).customerId}/query`;
    return await azure.ask('POST', url, { as: 'keyturn', body: { query: text, ...rest } });
  };
  return {
    ruleId,
    streamUrl,
    send,
    async sendMarked(marker) {
      const reply = await send([{ Marker: marker }]);
      if (reply.status !== 204) throw new Error(`sending ${marker}: ${JSON.stringify(reply.body)}`);
      await azure.advance(ARRIVAL_SECONDS);
    },
    query,
    async markers(workspace, rest) {
      const { body } = await query(workspace, 'KeyturnProbe_CL | project Marker', rest);
      const { tables, error } = body as {
        tables?: { rows: unknown[][] }[];
        error?: { code: string };
      };
      return error?.code ?? (tables?.[0]?.rows ?? []).map(([marker]) => marker);
    },
    async numbers(workspace) {
      const numbers = (await azure.look(describeLogs))[named(workspace).id];
      if (numbers === undefined) throw new Error(`reading ${workspace}: it has no numbers`);
      return numbers;
    },
  };
}
