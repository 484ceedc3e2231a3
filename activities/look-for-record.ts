import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call } from '#libs/azure/azure.ts';

/** What a query of a workspace for a marked record told. */
export interface Look {
  readonly workspaceId: string;
  /**
   * Whether the workspace's data can be read: no when Azure denies it, unknown when Azure could not be asked or
   * did not let us ask (R156). True says nothing of a record that is not there.
   */
  readonly readable: boolean | 'unknown';
  /** Records with the marker. */
  readonly seen: number;
  readonly requestId?: string;
  /** What Azure said when `readable` is not true. */
  readonly reason?: string;
}

export interface Sought {
  readonly workspaceId: string;
  /** The workspace's own GUID; undefined when it could not be learned. */
  readonly customerId: string | undefined;
  readonly table: string;
  readonly marker: string;
}

/** The column that holds the marker, in the table that the probes' rule writes to. */
export const markerColumn = 'Marker';

/** Markers older than that are not looked for. */
const lookBack = 'P7D';

/** Asks a workspace once for a marked record. @throws AzureError cancelled, or of our own credential */
export async function lookForRecord(azure: Azure, sought: Sought, call: Call): Promise<Look> {
  const { workspaceId, customerId, table, marker } = sought;
  if (customerId === undefined)
    return { workspaceId, readable: 'unknown', seen: 0, reason: 'the workspace shows no GUID' };
  const kql = `${table} | where ${markerColumn} == ${quoted(marker)} | count`;
  try {
    const question = { kql, timespan: lookBack };
    const { value, requestId } = await azure.logs.query(customerId, question, call);
    const seen = Number(value.rows[0]?.['Count'] ?? 0);
    const { partial } = value;
    if (partial === undefined) return { workspaceId, readable: true, seen, requestId };
    return { workspaceId, readable: seen > 0 || 'unknown', seen, requestId, reason: partial };
  } catch (error) {
    return { workspaceId, seen: 0, ...verdictOn(error) };
  }
}

/** A failed question as a fact about the data. @throws what is about us and not about the workspace */
export function verdictOn(error: unknown): Pick<Look, 'readable' | 'requestId' | 'reason'> {
  if (!(error instanceof AzureError) || ['cancelled', 'credential'].includes(error.kind))
    throw error;
  const { message: reason, requestId } = error;
  return {
    readable: isDenialOfData(error) ? false : 'unknown',
    ...(requestId === undefined ? {} : { requestId }),
    reason,
  };
}

/** 403s that deny the question to us, whatever stands with the data. */
const ownRights = [
  'InsufficientAccessError',
  'AuthorizationFailed',
  'InvalidAuthenticationToken',
  'InvalidAuthenticationTokenAudience',
  'InvalidTokenError',
];

function isDenialOfData({ kind, status, code = '' }: AzureError): boolean {
  return kind === 'answer' && status === 403 && !ownRights.includes(code);
}

/** A string of KQL. */
const quoted = (text: string): string =>
  `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
