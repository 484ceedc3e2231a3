import { expect, test } from 'vitest';
import {
  AzureError,
  type CallTrace,
  isAbsent,
  parseErrorBody,
  toAzureError,
  type WireAnswer,
} from './azure-error.ts';

const deed = { doing: 'reading cluster', target: '/subscriptions/s/c' };
const trace = (seen: Partial<CallTrace> = {}): CallTrace => ({ deed, handedOver: true, ...seen });
const answer = (status: number, error?: object): WireAnswer => ({
  status,
  requestId: 'r-1',
  ...(error && { errorText: JSON.stringify({ error }) }),
});
const thrown = (name: string, message: string, code?: string) =>
  Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
const sorted = (error: unknown, seen?: Partial<CallTrace>) => toAzureError(error, trace(seen));

test('a refusal is told by the wire, whatever the SDK made of it', () => {
  const seen = { answer: answer(403, { code: 'AuthorizationFailed', message: 'may not' }) };
  const error = sorted(new TypeError('reading resourceId'), seen);
  expect(error).toMatchObject({ kind: 'answer', status: 403, code: 'AuthorizationFailed' });
  expect(error.message).toBe('reading cluster /subscriptions/s/c: 403 AuthorizationFailed may not');
});

test("Key Vault's inner code is kept beside the outer one", () => {
  const body = { code: 'Forbidden', message: 'no', innererror: { code: 'KeyDisabled' } };
  expect(sorted(new Error('x'), { answer: answer(403, body) })).toMatchObject({
    code: 'Forbidden',
    innerCode: 'KeyDisabled',
  });
});

test('an answer that came before the end counts more than the end', () => {
  const seen = { answer: answer(409, { code: 'Conflict' }), ended: 'timeout' as const };
  expect(sorted(thrown('AbortError', 'aborted'), seen).kind).toBe('answer');
});

test("Key Vault's challenge is no answer for a call that ended while a token was fetched", () => {
  const seen = { answer: answer(401), handedOver: false, ended: 'cancelled' as const };
  expect(sorted(thrown('AbortError', 'aborted'), seen)).toMatchObject({
    kind: 'cancelled',
    sent: false,
  });
});

test.each(['timeout', 'cancelled'] as const)(
  'an AbortError is a %s when we ended it so',
  (ended) => {
    expect(sorted(thrown('AbortError', 'aborted'), { ended }).kind).toBe(ended);
  },
);

test("an AbortError of another call's token request is an outage of Entra", () => {
  const error = sorted(thrown('AbortError', 'aborted'), { handedOver: false });
  expect(error).toMatchObject({ kind: 'credential-outage', sent: false });
});

test.each([
  ['ECONNRESET', true],
  ['ETIMEDOUT', true],
  ['EPIPE', true],
  ['REQUEST_SEND_ERROR', true],
  ['ECONNREFUSED', false],
  ['ENOTFOUND', false],
  ['EAI_AGAIN', false],
  ['CERT_HAS_EXPIRED', false],
  ['ERR_NAME_NOT_SERVED', false],
])('%s is of the network, and whether the request may have arrived: %s', (code, sent) => {
  expect(sorted(thrown('RestError', 'socket', code))).toMatchObject({
    kind: 'network',
    code,
    sent,
  });
});

test('a torn answer does not get its body shown', () => {
  const error = sorted(thrown('RestError', 'Error parsing - {"secret":', 'PARSE_ERROR'));
  expect(error.kind).toBe('network');
  expect(error.message).not.toContain('secret');
});

test.each([
  ['AuthenticationRequiredError', 'invalid_client: AADSTS7000215: Invalid secret', 'credential'],
  ['AuthenticationRequiredError', 'network_error: Network request failed', 'credential-outage'],
  ['CredentialUnavailableError', 'endpoints_resolution_error: …', 'credential-outage'],
  ['CredentialUnavailableError', 'The current credential is not configured', 'credential'],
  ['AuthenticationError', 'network_error (status code 400)', 'credential-outage'],
  ['AggregateAuthenticationError', 'ChainedTokenCredential: none available', 'credential'],
])('%s "%s" is %s', (name, message, kind) => {
  const error = sorted(thrown(name, message), { handedOver: false });
  expect(error).toMatchObject({ kind, sent: false });
});

test('an error of this room passes unchanged', () => {
  const own = new AzureError(deed, { kind: 'network', sent: true });
  expect(sorted(own)).toBe(own);
});

test('it carries neither a cause nor a member of what was thrown', () => {
  const raw = Object.assign(new Error('x'), {
    request: { headers: { authorization: 'Bearer t' } },
  });
  const error = sorted(raw);
  expect(error.cause).toBeUndefined();
  expect(Object.keys(error)).not.toContain('request');
});

test('what was not seen is absent, not undefined', () => {
  expect(Object.keys(new AzureError(deed, { kind: 'timeout', sent: true }))).not.toContain(
    'status',
  );
});

test.each([
  [{ code: 'ResourceNotFound' }, true],
  [{}, true],
  [{ code: 'SubscriptionNotFound' }, false],
  [{ code: 'InvalidResourceType' }, false],
])('a 404 with %j means absence: %s', (body, absent) => {
  expect(isAbsent(sorted(new Error('x'), { answer: answer(404, body) }))).toBe(absent);
});

test.each([
  ['{"error":{"code":"A","message":"m"}}', { code: 'A', message: 'm' }],
  ['{"error":{"error":{"code":"A","message":"m"}}}', { code: 'A', message: 'm' }],
  ['{"code":"A","message":"m"}', { code: 'A', message: 'm' }],
  ['{"error":"text"}', {}],
  ['<html>', {}],
  ['', {}],
  ['null', {}],
])('the body %s', (text, facts) => {
  expect(parseErrorBody(text)).toEqual(facts);
});
