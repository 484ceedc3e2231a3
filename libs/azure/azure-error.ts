/**
 * The only error that leaves this room. The SDKs type their failures badly: a cancelled call and a
 * timed-out one are the same AbortError, credential classes say nothing of the cause, and details get
 * lost on the way. So an error is sorted by what was seen on the wire first, by its name last.
 */

/**
 * What went wrong: Azure `answer`ed no; the `network` did not carry question or answer whole; the
 * deadline passed (`timeout`); the caller `cancelled`; Entra refused the `credential`; Entra could not
 * be asked (`credential-outage`).
 */
export type AzureErrorKind =
  | 'answer'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'credential'
  | 'credential-outage';

export interface AzureErrorFacts {
  kind: AzureErrorKind;
  status?: number;
  code?: string;
  /** Key Vault's finer code inside the code, e.g. `KeyDisabled`, `ForbiddenByRbac`. */
  innerCode?: string;
  azureMessage?: string;
  retryAfterMs?: number;
  requestId?: string;
  /** Whether the request, with its token, may have reached Azure. */
  sent: boolean;
}

/** What a call is for: a gerund with a noun, and the typed id it acts on. */
export interface Deed {
  doing: string;
  target: string;
}

/** A call to Azure that did not succeed; holds plain facts, never a request, a token or a raw error. */
export class AzureError extends Error {
  override readonly name = 'AzureError';
  readonly kind: AzureErrorKind;
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly innerCode?: string;
  declare readonly azureMessage?: string;
  declare readonly retryAfterMs?: number;
  declare readonly requestId?: string;
  readonly sent: boolean;
  /** The id of what the call was about. */
  readonly target: string;

  constructor(deed: Deed, facts: AzureErrorFacts) {
    super(`${deed.doing} ${deed.target}: ${describe(facts)}`);
    this.target = deed.target;
    this.kind = facts.kind;
    this.sent = facts.sent;
    Object.assign(this, facts);
  }
}

/** The last answer of a call, as far as errors need it. */
export interface WireAnswer {
  status: number;
  requestId: string;
  retryAfterMs?: number;
  /** The body's text, of answers from 400 up. */
  errorText?: string;
}

/** What was seen of a call from outside the SDK. */
export interface CallTrace {
  deed: Deed;
  /** A request with its token was given to the network. */
  handedOver: boolean;
  /** Why the call was ended from our side, if it was. */
  ended?: 'timeout' | 'cancelled';
  answer?: WireAnswer;
}

/** Sorts whatever a call threw. */
export function toAzureError(thrown: unknown, trace: CallTrace): AzureError {
  if (thrown instanceof AzureError) return thrown;
  return new AzureError(trace.deed, sort(shapeOf(thrown), trace));
}

/** Whether Azure said that the thing is not there, and not that the question was wrong. */
export function isAbsent(error: AzureError): boolean {
  return error.status === 404 && !wrongQuestions.has(error.code ?? '');
}

/** Whether nobody answered, or only to say "not now": an outage, and never a denial (R156). */
export const isOutage = ({ kind, status = 0 }: AzureError): boolean =>
  kind === 'network' ||
  kind === 'timeout' ||
  (kind === 'answer' && (status === 408 || status === 429 || status >= 500));

const wrongQuestions = new Set([
  'SubscriptionNotFound',
  'InvalidResourceType',
  'InvalidResourceNamespace',
]);

/** Reads Azure's error body; ARM and Key Vault share the outer form, some answers nest it twice. */
export function parseErrorBody(text: string): {
  code?: string;
  innerCode?: string;
  message?: string;
} {
  const outer = member(parseJson(text), 'error') ?? parseJson(text);
  const error = member(outer, 'error') ?? outer;
  const code = textOf(member(error, 'code'));
  const innerCode = textOf(member(member(error, 'innererror'), 'code'));
  const message = textOf(member(error, 'message'));
  return {
    ...(code !== undefined && { code }),
    ...(innerCode !== undefined && { innerCode }),
    ...(message !== undefined && { message }),
  };
}

interface Shape {
  name: string;
  code: string;
  message: string;
}

function shapeOf(thrown: unknown): Shape {
  return {
    name: textOf(member(thrown, 'name')) ?? '',
    code: textOf(member(thrown, 'code')) ?? '',
    message: textOf(member(thrown, 'message')) ?? String(thrown),
  };
}

function sort(error: Shape, trace: CallTrace): AzureErrorFacts {
  const { answer } = trace;
  const sent = trace.handedOver;
  if (isCredentialError(error)) return sortCredential(error, trace);
  // Before the token, an answer is only Key Vault's challenge: an ending then tells more.
  const refused = answer !== undefined && answer.status >= 400;
  if (refused && (sent || trace.ended === undefined)) return { ...answerFacts(answer), sent };
  if (trace.ended !== undefined) return { kind: trace.ended, sent };
  if (error.name === 'AbortError') return sortForeignAbort(sent);
  if (error.code === 'PARSE_ERROR') {
    // The SDK's message repeats the body, which is not ours to show.
    return { kind: 'network', code: error.code, azureMessage: 'the answer was not whole', sent };
  }
  if (answer === undefined && isNetwork(error)) return networkFacts(error, sent);
  const facts = answer === undefined ? {} : answerFacts(answer);
  return { ...facts, kind: 'answer', azureMessage: clip(error.message), sent };
}

function answerFacts(answer: WireAnswer): Omit<AzureErrorFacts, 'sent'> {
  const { message, ...codes } = parseErrorBody(answer.errorText ?? '');
  return {
    kind: 'answer',
    status: answer.status,
    ...codes,
    ...(message !== undefined && { azureMessage: clip(message) }),
    ...(answer.retryAfterMs !== undefined && { retryAfterMs: answer.retryAfterMs }),
    ...(answer.requestId !== '' && { requestId: answer.requestId }),
  };
}

/** An abort that neither our deadline nor our caller asked for: a token request shared with another call. */
function sortForeignAbort(sent: boolean): AzureErrorFacts {
  return sent ? { kind: 'timeout', sent } : { kind: 'credential-outage', sent };
}

/** Failures that happen before the first byte of a request could leave. */
const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_NAME_NOT_SERVED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

function isNetwork({ name, code }: Shape): boolean {
  return notConnected.has(code) || name === 'RestError' || /^(E[A-Z]+|ERR_[A-Z_]+)$/u.test(code);
}

function networkFacts({ code, message }: Shape, sent: boolean): AzureErrorFacts {
  const reached = sent && !notConnected.has(code);
  return {
    kind: 'network',
    ...(code !== '' && { code }),
    azureMessage: clip(message),
    sent: reached,
  };
}

function isCredentialError({ name }: Shape): boolean {
  return [
    'AuthenticationRequiredError',
    'CredentialUnavailableError',
    'AuthenticationError',
    'AggregateAuthenticationError',
    'ClientConfigurationError',
  ].includes(name);
}

/** Entra's way of saying "not now"; everything else it says is about the credential itself. */
const entraOutage =
  /endpoints_resolution_error|network_error|temporarily_unavailable|server_error|no_network_connectivity|post_request_failed|AADSTS(90033|50196|90006|90012|90024)\b|(ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up)|\b(429|50[0-4])\b/u;

function sortCredential({ message }: Shape, trace: CallTrace): AzureErrorFacts {
  // No token, no request: nothing with a meaning was sent, whatever a challenge before it said.
  const sent = false;
  if (trace.ended !== undefined) return { kind: trace.ended, sent };
  const kind = entraOutage.test(message) ? 'credential-outage' : 'credential';
  const code = /AADSTS\d+/u.exec(message)?.[0] ?? /^[a-z_]+(?=:)/u.exec(message)?.[0];
  return { kind, ...(code !== undefined && { code }), azureMessage: clip(message), sent };
}

function describe(facts: AzureErrorFacts): string {
  const { kind, sent } = facts;
  if (kind === 'timeout') return sent ? 'no answer within the deadline' : 'not sent in time';
  if (kind === 'cancelled') return sent ? 'cancelled while waiting' : 'cancelled before sending';
  return [facts.status, facts.code, facts.innerCode, facts.azureMessage]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** Azure's longest sentence, a refused role, has some 600 characters. */
const longestMessage = 1000;

function clip(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
