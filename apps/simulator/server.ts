import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { callbackify } from 'node:util';
import { AzureFault } from './azure-fault.ts';
import type { CertificateAuthority } from './certificates.ts';
import type { Exchange, ExchangeLog } from './exchanges.ts';
import type { AppliedFault } from './fault-rule.ts';
import { isInForce } from './faults.ts';
import { serviceOf } from './hosts.ts';
import { vaultOfHost } from './key-vault/vault-door.ts';
import { answer, arrive } from './pipeline.ts';
import type { Outcome, World } from './pipeline.ts';
import type { Answer, Service } from './route.ts';
import { errorBody } from './services.ts';
import { readWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** Longer than clients keep an idle connection, so that none is reset just as a request goes out on it. */
const KEEP_ALIVE_MS = 120_000;

/** How often it is looked whether a rule that holds a request is still there. */
const LOOK_AGAIN_MS = 20;

/** The HTTPS listener: one certificate per known name, every request through the pipeline. */
export function createAzureServer(
  world: World,
  parts: { authority: CertificateAuthority; exchanges: ExchangeLog },
): Server {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      SNICallback: callbackify(async (name: string) => {
        if (!serviceOf(name)) throw new Error(`minting a certificate: ${name} is not Azure`);
        return await parts.authority.secureContext(name);
      }),
    },
    (request, response) => {
      serve(world, { request, response, exchanges: parts.exchanges }).catch((error: unknown) => {
        process.stderr.write(`serving ${request.method} ${request.url}: ${String(error)}\n`);
        response.destroy();
      });
    },
  );
  return server;
}

interface Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly exchanges: ExchangeLog;
}

async function serve(world: World, connection: Connection): Promise<void> {
  const wire = await readWire(connection.request);
  const service = serviceOf(wire.host);
  if (!service) return refuseHost(connection);
  await respond(world, connection, { wire, service });
}

/** host → clock → settle → fault → authenticate → route → api-version → authorize → handle → errors → journal → exchange log. */
export async function respond(
  world: World,
  connection: Connection,
  { wire, service }: { wire: Wire; service: Service },
): Promise<void> {
  const arrival = await arrive(world, wire, service);
  const { fault } = arrival;
  const to = { service, fault };
  const record = (outcome: Outcome, sent: Sent): void =>
    connection.exchanges.append(exchangeOf(wire, { outcome, sent, fault }));
  const nothing = { ...arrival, effects: [], unimplemented: false };
  if (service === 'vault' && !resolves(world, wire.host, arrival.at)) {
    connection.request.socket.destroy();
    return record({ ...nothing, answer: silence }, unsent);
  }
  switch (fault?.action.kind) {
    case 'hang':
    case 'reset': {
      // After the effect, only the answer is lost.
      const isAfter = fault.action.when === 'after';
      const lost = isAfter ? await answer(world, wire, to) : { ...nothing, answer: silence };
      record(lost, unsent);
      if (fault.action.kind === 'reset') connection.request.socket.destroy();
      return;
    }
    case 'status': {
      const outcome = { ...nothing, answer: injected(fault.action) };
      return record(outcome, send(connection, { wire, service, outcome }));
    }
    case 'delay':
      await pause(fault.action.ms);
      break;
    case 'hold':
      if (fault.action.when === 'after') {
        const held = await answer(world, wire, to);
        await released(world, fault);
        return record(held, send(connection, { wire, service, outcome: held }));
      }
      await released(world, fault);
      break;
    case 'duplicate':
      // What the first of the two did is told too; its answer goes nowhere.
      record(await answer(world, wire, to), unsent);
      break;
    default:
      break;
  }
  const outcome = await answer(world, wire, to);
  const truncated = fault?.action.kind === 'truncated';
  record(outcome, send(connection, { wire, service, outcome, truncated }));
}

/** Until the rule is deleted that holds a request. */
async function released({ store }: World, { id }: AppliedFault): Promise<void> {
  while (isInForce(store, id)) await pause(LOOK_AGAIN_MS);
}

/** A vault that is not there has no name either; cutting the connection is as near as a listener comes to that. */
function resolves(world: World, host: string, now: number): boolean {
  const { store } = world;
  return (
    vaultOfHost({ now, get: (collection, id) => store.find(collection, id) }, host) !== undefined
  );
}

function injected(action: Extract<AppliedFault['action'], { kind: 'status' }>): AzureFault {
  const { status, code, message, retryAfter } = action;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return new AzureFault(
    status,
    { code: code ?? defaultCode(status), message: message ?? 'A fault was injected here.' },
    { headers },
  );
}

function defaultCode(status: number): string {
  const codes: Record<number, string> = {
    401: 'AuthenticationFailed',
    403: 'AuthorizationFailed',
    404: 'ResourceNotFound',
    409: 'Conflict',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
    504: 'GatewayTimeout',
  };
  return codes[status] ?? (status >= 500 ? 'InternalServerError' : 'BadRequest');
}

/** What went over the wire. */
interface Sent {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const silence: Answer = { status: 0 };

const unsent: Sent = { status: 0, headers: {}, body: '' };

function send(
  { response }: Connection,
  parts: { wire: Wire; service: Service; outcome: Outcome; truncated?: boolean },
): Sent {
  const given = parts.outcome.answer;
  const refused = given instanceof AzureFault;
  const { type, text } = contentOf(parts.service, given);
  const headers: Record<string, string> = {
    ...commonHeaders(parts.wire),
    // Programs in a browser redeem their codes from another origin.
    ...(parts.service === 'entra' ? { 'access-control-allow-origin': '*' } : {}),
    ...(text === '' ? {} : { 'content-type': `${type}; charset=utf-8` }),
    ...(refused ? given.extra.headers : given.headers),
    ...(given.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
  };
  response.writeHead(given.status, printable(headers));
  if (parts.truncated) {
    response.write(text.slice(0, text.length / 2), () => response.destroy());
    return { status: given.status, headers, body: text };
  }
  response.end(parts.wire.method === 'HEAD' ? undefined : text);
  return { status: given.status, headers, body: text };
}

/** Headers echo what callers sent; no value may hold what a header cannot. */
function printable(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers);
  if (!entries.some(([, value]) => /[^\t\u0020-\u007e]/u.test(value))) return headers;
  const odd = /[^\t\u0020-\u007e]/gu;
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replaceAll(odd, '?')]));
}

function contentOf(service: Service, given: Answer | AzureFault): { type: string; text: string } {
  const refused = given instanceof AzureFault;
  if (!refused && given.html !== undefined) return { type: 'text/html', text: given.html };
  const body = refused ? errorBody(service, given) : given.body;
  return { type: 'application/json', text: body === undefined ? '' : JSON.stringify(body) };
}

/** Headers that Azure puts on every answer, the caller's ids echoed. */
function commonHeaders(wire: Wire): Record<string, string> {
  const { requestId } = wire;
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/gu, '');
  const clientRequestId = wire.headers['x-ms-client-request-id'];
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': wire.correlationId,
    'x-ms-routing-request-id': `WESTEUROPE:${stamp}:${requestId}`,
    ...(clientRequestId === undefined ? {} : { 'x-ms-client-request-id': clientRequestId }),
  };
}

/** Another host never gets here through the proxy; one that dials the listener itself is told so. */
function refuseHost({ response }: Connection): void {
  response.writeHead(421, { 'content-type': 'text/plain' });
  response.end('this listener answers for Azure host names only\n');
}

function exchangeOf(
  wire: Wire,
  parts: { outcome: Outcome; sent: Sent; fault: AppliedFault | undefined },
): Exchange {
  const { outcome, sent, fault } = parts;
  return {
    method: wire.method,
    url: `https://${wire.host}${wire.target}`,
    requestHeaders: wire.headers,
    requestBody: wire.rawBody,
    status: sent.status,
    responseHeaders: sent.headers,
    responseBody: sent.body,
    principal: outcome.principal?.name ?? null,
    at: new Date(outcome.at).toISOString(),
    effects: [...outcome.effects],
    fault: fault ? describeFault(fault) : null,
    ...(outcome.unimplemented ? { unimplemented: true as const } : {}),
  };
}

function describeFault({ action }: AppliedFault): string {
  switch (action.kind) {
    case 'status':
      return `status ${action.status}`;
    case 'delay':
      return `delay ${action.ms}`;
    case 'hang':
    case 'hold':
    case 'reset':
      return action.when === undefined ? action.kind : `${action.kind} ${action.when}`;
    default:
      return action.kind;
  }
}
