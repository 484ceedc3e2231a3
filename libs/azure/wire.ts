/**
 * The last metre before the network, the same for every SDK client: deadlines, ids and headers are put
 * on each request here, the second page of a list included, and what came back is noted here, because
 * the SDKs forget both.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Agent,
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Dial } from '#libs/dial/dial.ts';
import { AzureError, type CallTrace, type Deed, isAbsent, toAzureError } from './azure-error.ts';
import { type Call, type Limit, openLimit, type Seen } from './call-options.ts';
import { readRetryAfterMs } from './retry-after.ts';

export interface WireOptions {
  dial?: Dial;
  /** Further headers for every request, asked anew each time. */
  extraHeaders?: () => Record<string, string>;
  /** The deadline of a call with all its requests, in ms. */
  requestTimeoutMs?: number;
  /** Told of every request when it is answered or has failed. */
  onExchange?: (exchange: Exchange) => void;
}

/** One request, for those who count and log; its query, which may be signed, is left out. */
export interface Exchange {
  method: string;
  url: string;
  /** Absent when there was no answer. */
  status?: number;
  /** Azure's name for the answer; empty when there was none. */
  requestId: string;
  seconds: number;
}

/** Azure took a write; whether it took effect is for a read to say. */
export interface Started {
  accepted: true;
  /** Signed, some 4 KB, kept verbatim: a rebuilt one is refused. */
  operationUrl?: string;
  retryAfterMs?: number;
  requestId: string;
}

/** What an SDK method wants as its options. */
export interface SdkOptions {
  abortSignal: AbortSignal;
}

export interface Wire {
  /** Options for every SDK client. */
  clientOptions: { httpClient: HttpClient; retryOptions: { maxRetries: 0 }; agent?: Agent };
  /** Does one call; throws AzureError. */
  ask<T>(deed: Deed, call: Call, work: (options: SdkOptions) => Promise<T>): Promise<Seen<T>>;
  /** Does one read, of something that may not be there. */
  read<T>(
    deed: Deed,
    call: Call,
    work: (options: SdkOptions) => Promise<T>,
  ): Promise<Seen<T | undefined>>;
  /** Sends one write: any 2xx is "accepted", also where the SDK stumbles over its body. */
  start(deed: Deed, call: Call, work: (options: SdkOptions) => unknown): Promise<Started>;
}

/** One minute: ARM answers within seconds, and an activity's own limit must lie above it. */
const defaultTimeoutMs = 60_000;

interface Scope extends CallTrace {
  limit: Limit;
  clientRequestId: string;
  /** Where the call's first request went; the others stay with it. */
  origin?: string;
  operationUrl?: string;
}

/** Makes the wire that all clients of one `createAzure` go over. */
export function createWire(options: WireOptions): Wire {
  const scopes = new AsyncLocalStorage<Scope>();
  const network = createDefaultHttpClient();
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const scope = scopes.getStore();
      if (scope === undefined) throw new Error('sending to Azure outside of a call');
      prepare(request, scope, options);
      const response = await exchange(network, request, options.onExchange);
      note(scope, response);
      return response;
    },
  };
  const run = async <T>(deed: Deed, call: Call, work: (options: SdkOptions) => T) => {
    const limit = openLimit(call, options.requestTimeoutMs ?? defaultTimeoutMs);
    const scope: Scope = { deed, handedOver: false, limit, clientRequestId: call.clientRequestId };
    const outcome = await scopes.run(scope, () => settle(limit, work)).finally(limit.close);
    return { scope, outcome };
  };
  const ask: Wire['ask'] = async (deed, call, work) => {
    const { scope, outcome } = await run(deed, call, work);
    if ('thrown' in outcome) throw sorted(outcome.thrown, scope);
    return { value: outcome.value, requestId: scope.answer?.requestId ?? '' };
  };
  return {
    clientOptions: {
      httpClient,
      retryOptions: { maxRetries: 0 },
      ...(options.dial !== undefined && { agent: options.dial.agent }),
    },
    ask,
    async read(deed, call, work) {
      try {
        return await ask(deed, call, work);
      } catch (error) {
        if (!(error instanceof AzureError) || !isAbsent(error)) throw error;
        return { value: undefined, requestId: error.requestId ?? '' };
      }
    },
    async start(deed, call, work) {
      const { scope, outcome } = await run(deed, call, work);
      const { answer } = scope;
      const accepted = answer !== undefined && answer.status >= 200 && answer.status < 300;
      if (!accepted && 'thrown' in outcome) throw sorted(outcome.thrown, scope);
      return {
        accepted: true,
        ...(scope.operationUrl !== undefined && { operationUrl: scope.operationUrl }),
        ...(answer?.retryAfterMs !== undefined && { retryAfterMs: answer.retryAfterMs }),
        requestId: answer?.requestId ?? '',
      };
    },
  };
}

type Outcome<T> = { value: Awaited<T> } | { thrown: unknown };

/** Waits for the work, but not longer than the limit: not every layer below listens to the signal. */
async function settle<T>(limit: Limit, work: (options: SdkOptions) => T): Promise<Outcome<T>> {
  const { signal } = limit;
  const cut = Promise.withResolvers<Outcome<T>>();
  const onAbort = () => cut.resolve({ thrown: new Error('ended from our side') });
  if (signal.aborted) return { thrown: new Error('ended from our side') };
  signal.addEventListener('abort', onAbort, { once: true });
  const done = (async (): Promise<Outcome<T>> => {
    try {
      return { value: await work({ abortSignal: signal }) };
    } catch (thrown) {
      return { thrown };
    }
  })();
  try {
    return await Promise.race([done, cut.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function sorted(thrown: unknown, scope: Scope): AzureError {
  const ended = scope.limit.ended();
  return toAzureError(thrown, { ...scope, ...(ended !== undefined && { ended }) });
}

function prepare(request: PipelineRequest, scope: Scope, options: WireOptions): void {
  refuseForeignHost(request, scope);
  // The network client looks at it before it sends: a token that came late must not carry a write
  // after its caller was told "not sent".
  request.abortSignal = scope.limit.signal;
  request.headers.set('x-ms-client-request-id', scope.clientRequestId);
  for (const [name, value] of Object.entries(options.extraHeaders?.() ?? {})) {
    request.headers.set(name, value);
  }
  delete scope.answer;
  if (request.headers.has('authorization') && !request.abortSignal.aborted) scope.handedOver = true;
}

/** The SDKs follow links and redirects of answers to any host, token attached. */
function refuseForeignHost(request: PipelineRequest, scope: Scope): void {
  const { origin } = new URL(request.url);
  scope.origin ??= origin;
  if (origin === scope.origin) return;
  const azureMessage = `an answer points to ${origin}, which is not asked`;
  const facts = { code: 'ForeignHost', azureMessage, sent: scope.handedOver };
  throw new AzureError(scope.deed, { kind: 'answer', ...facts });
}

async function exchange(
  network: HttpClient,
  request: PipelineRequest,
  tell: WireOptions['onExchange'],
): Promise<PipelineResponse> {
  const { origin, pathname } = new URL(request.url);
  const beganAt = performance.now();
  const facts = () => ({
    method: request.method,
    url: `${origin}${pathname}`,
    seconds: (performance.now() - beganAt) / 1000,
  });
  try {
    const response = await network.sendRequest(request);
    const { status, headers } = response;
    tell?.({ ...facts(), status, requestId: headers.get('x-ms-request-id') ?? '' });
    return response;
  } catch (error) {
    tell?.({ ...facts(), requestId: '' });
    throw error;
  }
}

function note(scope: Scope, response: PipelineResponse): void {
  const { status, headers } = response;
  const retryAfterMs = readRetryAfterMs(headers);
  scope.answer = {
    status,
    requestId: headers.get('x-ms-request-id') ?? '',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(status >= 400 && { errorText: response.bodyAsText ?? '' }),
  };
  const url =
    headers.get('azure-asyncoperation') ??
    headers.get('operation-location') ??
    headers.get('location');
  if (url !== undefined) scope.operationUrl = url;
}
