import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call } from '#libs/azure/azure.ts';
import type { AuditReading, KeyUse } from '#libs/domain/key-use.ts';

import { workspaceIdOf } from './resource-ids.ts';

/** Where the audit of vaults is to be read. */
export interface AuditSource {
  /** Resource id of the workspace to which their diagnostic settings send it. */
  readonly workspaceId: string;
}

/** Whose use of which key is looked for. */
export interface UseQuestion extends AuditSource {
  readonly vaultUri: string;
  readonly keyName: string;
  /** Object id of the cluster's identity. */
  readonly principalId: string;
  /** Epoch ms. */
  readonly since: number;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** The workspace's own clock may differ from ours; the query itself holds the exact instant. */
const marginMs = 3_600_000;

/**
 * Asks the audit of a vault once, how often and until when an identity unwrapped with each version of a key (R89).
 * What cannot be read for a reason that another attempt will not change is an answer.
 * @throws AzureError that another attempt may not meet
 */
export async function readKeyUses(
  azure: Azure,
  question: UseQuestion,
  call: Call,
): Promise<{ reading: AuditReading; requestId?: string }> {
  const { workspaceId, since, now } = question;
  try {
    const { value: workspace } = await azure.workspaces.read(workspaceIdOf(workspaceId), call);
    if (workspace?.customerId === undefined)
      return { reading: { unread: `the workspace of the audit, ${workspaceId}, is not there` } };
    const seconds = Math.ceil((now - since + marginMs) / 1000);
    const asked = { kql: queryOf(question), timespan: `PT${seconds}S` };
    const { value, requestId } = await azure.logs.query(workspace.customerId, asked, call);
    // Rows that are not all would show a silence that is none.
    if (value.partial !== undefined) return { reading: { unread: value.partial }, requestId };
    return { reading: { uses: value.rows.map(toUse) }, requestId };
  } catch (error) {
    if (error instanceof AzureError && isFinalNo(error))
      return { reading: { unread: error.message } };
    throw error;
  }
}

/**
 * `Identity` holds the claims of the token as JSON; it is searched for the object id instead of taken apart, since the
 * names of its claims are not published for this table.
 */
function queryOf({ vaultUri, keyName, principalId, since }: UseQuestion): string {
  const host = vaultUri.toLowerCase().replace(/(?::443)?\/*$/u, '');
  return [
    'AZKVAuditLogs',
    `where TimeGenerated >= datetime(${new Date(since).toISOString()})`,
    `where OperationName == 'KeyUnwrap' and Identity has '${plain(principalId)}'`,
    `where Id startswith '${plain(`${host}/keys/${keyName}/`)}'`,
    'summarize Count = count(), Last = max(TimeGenerated) by Id, HttpStatusCode',
  ].join(' | ');
}

/** Names of vaults and keys and GUIDs hold nothing that KQL would read; anything else must not reach it. */
const plain = (text: string): string => text.replaceAll(/[^\w:/.-]/gu, '');

function toUse(row: Record<string, unknown>): KeyUse {
  const { Id: id, HttpStatusCode: status, Count: count, Last: last } = row;
  return {
    version: String(id).split('/').at(-1) ?? '',
    granted: Number(status) < 300,
    count: Number(count),
    lastAt: (last instanceof Date ? last : new Date(String(last))).toISOString(),
  };
}

const isFinalNo = ({ kind, status = 0 }: AzureError): boolean =>
  kind === 'answer' && status >= 400 && status < 500 && ![401, 408, 429].includes(status);
