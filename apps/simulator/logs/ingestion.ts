import { authorize } from '../authorization.ts';
import { AzureFault } from '../azure-fault.ts';
import { findWorkspace } from '../providers/operational-insights/documents.ts';
import type { Answer, Call, Principal, Route } from '../route.ts';
import { listEndpoints, listRules, tableOf } from './documents.ts';
import type { CollectionRule } from './documents.ts';
import { writeRecords } from './write-records.ts';
import type { ShapedRecord } from './write-records.ts';

/** Largest body of one call, compressed or not. */
const LIMIT_BYTES = 1_048_576;

/** The Logs Ingestion API: records for a stream of a data collection rule. */
export const ingestionRoutes: readonly Route[] = [
  {
    service: 'ingest',
    method: 'POST',
    path: '/dataCollectionRules/{rule}/streams/{stream}',
    apiVersions: ['2021-11-01-preview', '2023-01-01'],
    handle: ingest,
  },
];

type Values = Record<string, unknown>;

/** 204 says that the records were taken, not that they are stored: those may still be dropped (R83). */
function ingest(call: Call): Answer {
  const rule = requireRule(call);
  requireRight(call, rule);
  const stream = requireStream(rule, call.params['stream'] ?? '');
  const records = readRecords(call).map((record) => shape(record, stream.columns, call.tx.now));
  for (const flow of rule.flows) {
    if (!flow.streams.includes(stream.name)) continue;
    for (const { name, workspaceResourceId } of rule.destinations) {
      const workspace = findWorkspace(call.tx, workspaceResourceId);
      if (workspace === undefined || !flow.destinations.includes(name)) continue;
      writeRecords(call.tx, { workspace, table: tableOf(flow, stream.name), records });
    }
  }
  return { status: 204 };
}

function requireRule(call: Call): CollectionRule {
  const endpoint = listEndpoints(call.tx).find(({ logsHost }) => logsHost === call.host);
  if (endpoint === undefined) {
    throw refusal(404, 'NotFound', `Data collection endpoint '${call.host}' not found.`);
  }
  const asked = call.params['rule'] ?? '';
  const rule = listRules(call.tx).find(({ immutableId }) => immutableId === asked.toLowerCase());
  if (rule === undefined) {
    throw refusal(404, 'NotFound', `Data collection rule with immutable Id '${asked}' not found.`);
  }
  const bound = rule.endpointId?.toLowerCase() ?? endpoint.id.toLowerCase();
  if (bound !== endpoint.id.toLowerCase()) throw noAccess(rule, 'IsDcrDceBindingValid: False');
  return rule;
}

function requireRight(call: Call, rule: CollectionRule): void {
  const { objectId, tenantId } = call.principal as Principal;
  const { allowed } = authorize(call.tx, {
    principalId: objectId,
    action: 'Microsoft.Insights/Telemetry/Write',
    resource: rule.id,
    kind: 'dataAction',
  });
  if (allowed) return;
  throw noAccess(
    rule,
    `Required authorization action was not found for tenantId ${tenantId} objectId ${objectId} on resourceId ${rule.id}`,
  );
}

function requireStream(rule: CollectionRule, asked: string) {
  const found = Object.entries(rule.streams).find(
    ([name]) => name.toLowerCase() === asked.toLowerCase(),
  );
  if (found !== undefined) return { name: found[0], columns: found[1].columns };
  throw refusal(
    400,
    'InvalidStream',
    `Stream '${asked}' is not declared in the data collection rule with immutable Id '${rule.immutableId}'.`,
  );
}

/** An array of objects, as JSON, not larger than a call may be. */
function readRecords(call: Call): Values[] {
  const { body } = call;
  if (!Array.isArray(body) || !body.every(isObject)) {
    throw refusal(400, 'InvalidPayload', 'The payload must be a JSON array of objects.');
  }
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes > LIMIT_BYTES) {
    throw refusal(
      413,
      'ContentLengthLimitExceeded',
      `Maximum allowed content length: ${LIMIT_BYTES} bytes (1 MB). Provided content length: ${bytes} bytes.`,
    );
  }
  return body;
}

/** Declared columns only; a record without a usable time gets that of its arrival. */
function shape(record: Values, columns: readonly { name: string }[], now: number): ShapedRecord {
  const declared = columns
    .filter(({ name }) => record[name] !== undefined)
    .map(({ name }) => [name, record[name]] as const);
  const sent = record['TimeGenerated'];
  const time = typeof sent === 'string' ? Date.parse(sent) : Number.NaN;
  const timeGenerated = new Date(Number.isNaN(time) ? now : time).toISOString();
  return { ...Object.fromEntries(declared), TimeGenerated: timeGenerated };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noAccess({ immutableId }: CollectionRule, why: string): AzureFault {
  return refusal(
    403,
    'OperationFailed',
    `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${immutableId}' PipelineAccessResult: AccessGranted: False, Message: ${why}.`,
  );
}

function refusal(status: number, code: string, message: string): AzureFault {
  return new AzureFault(status, { code, message });
}
