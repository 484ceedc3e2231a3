import type { Transaction } from '../store.ts';
import { findEndpoint, listRules, tableOf } from './documents.ts';

/** What a client needs to send records and to find them again. */
export interface IngestionDescription {
  /** URL of the endpoint. */
  readonly endpoint: string;
  /** Immutable id of the rule. */
  readonly ruleId: string;
  readonly streamName: string;
  readonly table: string;
}

/** The first rule's way in; undefined when there is none. */
export function describeIngestion(tx: Transaction): IngestionDescription | undefined {
  const [rule] = listRules(tx);
  const [flow] = rule?.flows ?? [];
  const [streamName] = flow?.streams ?? [];
  const endpoint = findEndpoint(tx, rule?.endpointId ?? '');
  if (!rule || !flow || streamName === undefined || !endpoint) return undefined;
  return {
    endpoint: `https://${endpoint.logsHost}`,
    ruleId: rule.immutableId,
    streamName,
    table: tableOf(flow, streamName),
  };
}
