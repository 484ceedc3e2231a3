/**
 * Azure's long operations, without the SDKs' pollers: those report success where none is, lose the
 * reason of a failure and give up at the first lost answer. Here a poll is one GET of the URL that
 * Azure signed; what it says is a hint, and reading the resource is the proof.
 */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { AzureError, type Deed, parseErrorBody } from './azure-error.ts';
import type { Call } from './call-options.ts';
import { readRetryAfterMs } from './retry-after.ts';
import type { SdkClients } from './sdk-clients.ts';

/** What Azure says of a long operation. */
export interface OperationStatus {
  /** `unknown`: the record is lost or has expired (404, 410); only the resource can tell. */
  state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';
  /** Azure's own word. */
  status?: string;
  code?: string;
  message?: string;
  retryAfterMs?: number;
  requestId: string;
}

const armOrigin = 'https://management.azure.com';

/**
 * Asks once how an operation is going.
 * @throws AzureError, also when the URL leads anywhere but to Azure Resource Manager: then nothing is sent.
 */
export async function readOperation(
  clients: SdkClients,
  url: string,
  call: Call,
): Promise<OperationStatus> {
  const deed = { doing: 'polling operation', target: nameOf(url) };
  requireArm(url, deed);
  const { wire } = clients;
  const { pipeline } = clients.operations();
  const { value, requestId } = await wire.ask(deed, call, async ({ abortSignal }) => {
    const request = createPipelineRequest({ url, method: 'GET', abortSignal });
    request.headers.set('accept', 'application/json');
    const response = await pipeline.sendRequest(wire.clientOptions.httpClient, request);
    const { status } = response;
    const lost = status === 404 || status === 410;
    if (!lost && (status < 200 || status >= 300)) throw new Error(`unexpected status ${status}`);
    const body = lost ? undefined : parseBody(response.bodyAsText ?? '');
    return interpret(response, body);
  });
  return { ...value, requestId };
}

/** The operation's id, without the signed query: that opens the record to whoever holds it. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return '(no address)';
  return new URL(url).pathname.split('/').findLast((segment) => segment !== '') ?? '';
}

function requireArm(url: string, deed: Deed): void {
  if (URL.canParse(url) && new URL(url).origin === armOrigin) return;
  const azureMessage = `its address does not lead to ${armOrigin}`;
  throw new AzureError(deed, { kind: 'answer', code: 'ForeignHost', azureMessage, sent: false });
}

/** The body, or undefined when there is none; a torn one throws what the SDK throws for it. */
function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw Object.assign(new Error('the answer was not whole'), { code: 'PARSE_ERROR' });
  }
}

function interpret(response: PipelineResponse, body: unknown): Omit<OperationStatus, 'requestId'> {
  const status = wordOf(body);
  const { code, message } = parseErrorBody(response.bodyAsText ?? '');
  const retryAfterMs = readRetryAfterMs(response.headers);
  return {
    state: stateOf(response.status, status),
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function wordOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('status' in body)) return undefined;
  // The 2020 wrapper of a cluster has a status too, the number 0, which means nothing here.
  return typeof body.status === 'string' ? body.status : undefined;
}

/** Three words end an operation, any other means running; without a word the HTTP status tells. */
function stateOf(httpStatus: number, word: string | undefined): OperationStatus['state'] {
  if (httpStatus === 404 || httpStatus === 410) return 'unknown';
  switch (word?.toLowerCase()) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
      return 'failed';
    case 'canceled':
    case 'cancelled':
      return 'cancelled';
    case undefined:
      return httpStatus === 202 ? 'running' : 'succeeded';
    default:
      return 'running';
  }
}
