import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Call, Route } from '../route.ts';
import type { Transaction } from '../store.ts';
import { findPrincipal } from './directory.ts';
import type { StoredPrincipal } from './directory.ts';
import { entraFault } from './entra-fault.ts';
import { peoplePage, personNamed } from './sign-in-page.ts';
import { requireTenant } from './token-request.ts';
import { issueIdToken, issueToken } from './tokens.ts';

/** What signing in leaves for a program to redeem; kept under the secret that redeems it. Instants are real. */
interface Grant {
  readonly kind: 'code' | 'device' | 'refresh';
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAt: number;
  /** Who has signed in; absent while a device waits. */
  readonly objectId?: string;
  readonly redirectUri?: string;
  /** PKCE: the hash of the secret that only the asking program knows. */
  readonly challenge?: string;
  readonly nonce?: string;
  /** What a person types to find a waiting device. */
  readonly userCode?: string;
  readonly secret: string;
}

const COLLECTION = '$grants';
const CODE_LIFE_MS = 600_000;
const DEVICE_LIFE_MS = 900_000;
const REFRESH_LIFE_MS = 86_400_000;
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const kinds: Readonly<Record<string, { kind: Grant['kind']; field: string }>> = {
  authorization_code: { kind: 'code', field: 'code' },
  refresh_token: { kind: 'refresh', field: 'refresh_token' },
  [DEVICE]: { kind: 'device', field: 'device_code' },
  // What MSAL sends for the same.
  device_code: { kind: 'device', field: 'device_code' },
};
/** Where a program may have the answer sent: to this machine only. */
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/|$)/u;

/** Signing in, for people: by authorization code with PKCE, and by device code. */
export const peopleRoutes: readonly Route[] = [
  route('GET', '/{tenant}/oauth2/v2.0/authorize', authorize),
  route('POST', '/{tenant}/oauth2/v2.0/devicecode', askForDevice),
  route('GET', '/{tenant}/oauth2/deviceauth', approveDevice),
];

function route(method: string, path: string, handle: Route['handle']): Route {
  return { service: 'entra', method, path, anonymous: true, handle };
}

/** Whether a token is asked for by what signing in gave. */
export function isPersonGrant(form: Record<string, string>): boolean {
  return Object.hasOwn(kinds, form['grant_type'] ?? '');
}

/** Shows who can sign in; with `sign_in_as` in the query, sends that person's code back to the program. */
function authorize(call: Call): Answer {
  const tenant = requireTenant(call.tx, call.params['tenant'] ?? '');
  const { query } = call;
  const ask = (name: string): string => query.get(name) ?? '';
  if (ask('response_type') !== 'code') throw invalid(900_144, 'response_type must be code.');
  if (!LOOPBACK.test(ask('redirect_uri'))) {
    throw invalid(50_011, `The redirect URI '${ask('redirect_uri')}' is not on this machine.`);
  }
  if (ask('code_challenge') === '' || ask('code_challenge_method') !== 'S256') {
    throw invalid(9_002_325, 'Proof Key for Code Exchange is required for cross-origin requests.');
  }
  const person = personNamed(call.tx, query.get('sign_in_as'));
  if (person === undefined) return { status: 200, html: peoplePage(call.tx, { tenant, query }) };
  const code = keep(call.tx, {
    kind: 'code',
    clientId: ask('client_id'),
    scope: ask('scope'),
    expiresAt: Date.now() + CODE_LIFE_MS,
    objectId: person.objectId,
    redirectUri: ask('redirect_uri'),
    challenge: ask('code_challenge'),
    ...(ask('nonce') !== '' && { nonce: ask('nonce') }),
  });
  const back = new URL(ask('redirect_uri'));
  const given = new URLSearchParams({ code });
  if (query.get('state') !== null) given.set('state', ask('state'));
  if (query.get('response_mode') === 'fragment') back.hash = given.toString();
  else for (const [name, value] of given) back.searchParams.set(name, value);
  return { status: 302, headers: { location: back.href } };
}

function askForDevice(call: Call): Answer {
  const tenant = requireTenant(call.tx, call.params['tenant'] ?? '');
  const form = (call.body ?? {}) as Record<string, string>;
  const letters = [...randomBytes(9)].map((byte) => 'BCDFGHJKLMNPQRSTVWXZ'[byte % 20] ?? 'B');
  const userCode = letters.join('');
  const deviceCode = keep(call.tx, {
    kind: 'device',
    clientId: form['client_id'] ?? '',
    scope: form['scope'] ?? '',
    expiresAt: Date.now() + DEVICE_LIFE_MS,
    userCode,
  });
  const place = `${call.origin}/${tenant.tenantId}/oauth2/deviceauth`;
  return {
    status: 200,
    body: {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: place,
      expires_in: DEVICE_LIFE_MS / 1000,
      interval: 5,
      message: `To sign in, use a web browser to open the page ${place} and enter the code ${userCode} to authenticate.`,
    },
  };
}

/** The page a person opens for a waiting device; with a code and a name, the device has its answer. */
function approveDevice(call: Call): Answer {
  const tenant = requireTenant(call.tx, call.params['tenant'] ?? '');
  const { query, tx } = call;
  const userCode = query.get('user_code')?.toUpperCase();
  const person = personNamed(tx, query.get('sign_in_as'));
  if (userCode === undefined || person === undefined) {
    return { status: 200, html: peoplePage(tx, { tenant, query, asksForCode: true }) };
  }
  const waiting = tx
    .list<Grant>(COLLECTION)
    .find((grant) => grant.userCode === userCode && grant.expiresAt > Date.now());
  if (!waiting) throw invalid(70_019, 'Verification code expired or not known.');
  tx.put(COLLECTION, waiting.secret, { ...waiting, objectId: person.objectId });
  tx.note('device signed in');
  return { status: 200, html: '<p>You have signed in. You may close this page.</p>' };
}

/** Tokens for what signing in gave; each code works once (RFC 6749, RFC 7636, RFC 8628). */
export async function redeem(call: Call, form: Record<string, string>): Promise<Answer> {
  const { tx } = call;
  requireTenant(tx, call.params['tenant'] ?? '');
  const grant = takeGrant(tx, form);
  const principal = findPrincipal(tx, grant.objectId ?? '');
  if (!principal) throw invalidGrant(50_034, 'The account does not exist any more.');
  const { clientId, nonce } = grant;
  const scope = form['scope'] ?? grant.scope;
  const audience = audienceOfScope(scope);
  const { accessToken, expiresInSeconds } = await issueToken(tx, {
    principal,
    audience,
    version: audience.startsWith('api://') ? '2.0' : '1.0',
    claimsCapable: form['claims']?.includes('cp1') ?? false,
    person: { clientId, scope: 'user_impersonation' },
  });
  const asks = (word: string): boolean => grant.scope.split(' ').includes(word);
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      scope,
      expires_in: expiresInSeconds,
      ext_expires_in: expiresInSeconds,
      access_token: accessToken,
      ...(form['client_info'] === '1' && { client_info: clientInfo(principal) }),
      ...(asks('offline_access') && { refresh_token: keepRefresh(tx, grant, principal) }),
      ...(asks('openid') && { id_token: await issueIdToken(tx, { principal, clientId, nonce }) }),
    },
  };
}

/** What MSAL names the account by. */
function clientInfo({ objectId, tenantId }: StoredPrincipal): string {
  return Buffer.from(JSON.stringify({ uid: objectId, utid: tenantId })).toString('base64url');
}

/** The grant that a form redeems, taken away; a device that still waits stays. */
function takeGrant(tx: Transaction, form: Record<string, string>): Grant {
  const wanted = kinds[form['grant_type'] ?? ''];
  const secret = form[wanted?.field ?? ''] ?? '';
  const grant = tx.get<Grant>(COLLECTION, secret);
  const isFit =
    grant !== undefined &&
    grant.kind === wanted?.kind &&
    grant.secret === secret &&
    grant.clientId === (form['client_id'] ?? '');
  if (!isFit)
    throw invalidGrant(54_005, 'The code or token is not known, or was redeemed already.');
  if (grant.expiresAt <= Date.now()) throw invalidGrant(70_008, 'The code or token has expired.');
  if (grant.kind === 'device' && grant.objectId === undefined) {
    throw entraFault(400, 'authorization_pending', {
      number: 70_016,
      text: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
    });
  }
  if (grant.kind === 'code') checkProof(grant, form);
  tx.remove(COLLECTION, secret);
  return grant;
}

function checkProof(grant: Grant, form: Record<string, string>): void {
  const proof = createHash('sha256')
    .update(form['code_verifier'] ?? '')
    .digest('base64url');
  if (proof !== grant.challenge) {
    throw invalidGrant(501_481, 'The Code_Verifier does not match the code_challenge.');
  }
  if (form['redirect_uri'] === grant.redirectUri) return;
  throw invalidGrant(
    500_112,
    'The redirect URI differs from the one of the authorization request.',
  );
}

function keepRefresh(tx: Transaction, grant: Grant, principal: StoredPrincipal): string {
  const { clientId, scope } = grant;
  const expiresAt = Date.now() + REFRESH_LIFE_MS;
  return keep(tx, { kind: 'refresh', clientId, scope, expiresAt, objectId: principal.objectId });
}

/** Ids of the store are without letter case, so the secret itself is kept beside. */
function keep(tx: Transaction, grant: Omit<Grant, 'secret'>): string {
  for (const old of tx.list<Grant>(COLLECTION)) {
    if (old.expiresAt <= Date.now()) tx.remove(COLLECTION, old.secret);
  }
  const secret = randomBytes(32).toString('base64url');
  tx.put(COLLECTION, secret, { ...grant, secret });
  return secret;
}

/** The resource of the first scope that names one: `RESOURCE/NAME`. */
function audienceOfScope(scope: string): string {
  const named = scope.split(' ').find((word) => word.includes('://'));
  if (named !== undefined) return named.replace(/\/[^/]*$/u, '');
  throw entraFault(400, 'invalid_scope', {
    number: 70_011,
    text: `The provided value for the input parameter 'scope' is not valid. The scope ${scope} names no resource.`,
  });
}

function invalid(number: number, text: string): Error {
  return entraFault(400, 'invalid_request', { number, text });
}

function invalidGrant(number: number, text: string): Error {
  return entraFault(400, 'invalid_grant', { number, text });
}
