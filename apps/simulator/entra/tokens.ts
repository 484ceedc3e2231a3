import { createPublicKey, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, importJWK, jwtVerify, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { Principal, Service } from '../route.ts';
import { mannerOf } from '../services.ts';
import type { TokenProblem } from '../services.ts';
import type { Transaction } from '../store.ts';
import { findPrincipal, homeTenant } from './directory.ts';
import type { StoredPrincipal } from './directory.ts';
import { currentSigningKey, signingKeys } from './signing-keys.ts';

/** Entra's usual life of an application token, in real seconds. */
const LIFE_SECONDS = 3599;

interface TokenRequest {
  readonly principal: StoredPrincipal;
  readonly audience: string;
  readonly version: '1.0' | '2.0';
  /** Whether the client said it handles claims challenges (`xms_cc: cp1`). */
  readonly claimsCapable: boolean;
  /** Set for somebody who signed in: the program they did it with, and what it may do for them. */
  readonly person?: { readonly clientId: string; readonly scope: string };
}

interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** Signs an application token in Entra's v1 or v2 shape. Its times are real, whatever the simulated clock says. */
export async function issueToken(tx: Transaction, request: TokenRequest): Promise<IssuedToken> {
  const { principal, audience, version } = request;
  const key = currentSigningKey(tx);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...(request.person ? personClaims(request, request.person) : applicationClaims(request)),
    oid: principal.objectId,
    ...(version === '1.0' ? { idp: issuerOf(principal.tenantId, '1.0') } : {}),
    rh: `1.${randomUUID()}.`,
    ...(principal.roles.length > 0 && audience.startsWith('api://')
      ? { roles: principal.roles }
      : {}),
    tid: principal.tenantId,
    uti: randomUUID().replaceAll('-', '').slice(0, 22),
    ver: version,
    ...(request.claimsCapable ? { xms_cc: ['cp1'] } : {}),
  };
  const accessToken = await new SignJWT(claims)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid, x5t: key.kid })
    .setIssuer(issuerOf(principal.tenantId, version))
    .setAudience(audience)
    .setSubject(principal.objectId)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + LIFE_SECONDS)
    .sign(await importJWK({ ...key.privateKey }, 'RS256'));
  return { accessToken, expiresInSeconds: LIFE_SECONDS };
}

function applicationClaims({ principal, version }: TokenRequest): object {
  const idtyp = 'app';
  return version === '1.0'
    ? { appid: principal.clientId, appidacr: '1', app_displayname: principal.name, idtyp }
    : { azp: principal.clientId, azpacr: '1', idtyp };
}

function personClaims(
  { principal, version }: TokenRequest,
  { clientId, scope }: NonNullable<TokenRequest['person']>,
): object {
  const { name } = principal;
  return version === '1.0'
    ? { appid: clientId, appidacr: '0', name, scp: scope, upn: userNameOf(name) }
    : { azp: clientId, azpacr: '0', name, scp: scope, preferred_username: userNameOf(name) };
}

/** What somebody types to sign in. */
export function userNameOf(name: string): string {
  return `${name}@contoso.onmicrosoft.com`;
}

/** Signs what tells a program who has signed in. */
export async function issueIdToken(
  tx: Transaction,
  request: { principal: StoredPrincipal; clientId: string; nonce: string | undefined },
): Promise<string> {
  const { principal, clientId, nonce } = request;
  const key = currentSigningKey(tx);
  const now = Math.floor(Date.now() / 1000);
  const { objectId, tenantId, name, roles } = principal;
  return await new SignJWT({
    name,
    preferred_username: userNameOf(name),
    oid: objectId,
    tid: tenantId,
    ver: '2.0',
    roles,
    ...(nonce !== undefined && { nonce }),
  })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid })
    .setIssuer(issuerOf(tenantId, '2.0'))
    .setAudience(clientId)
    .setSubject(objectId)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + LIFE_SECONDS)
    .sign(await importJWK({ ...key.privateKey }, 'RS256'));
}

/** The issuer claim of a tenant's tokens, by token version. */
export function issuerOf(tenantId: string, version: '1.0' | '2.0'): string {
  return version === '1.0'
    ? `https://sts.windows.net/${tenantId}/`
    : `https://login.microsoftonline.com/${tenantId}/v2.0`;
}

/** Who the bearer is, or why the token is not accepted by this service. */
export type Identification = { principal: Principal } | { problem: TokenProblem };

/** Verifies the bearer token of a request: signature, issuer, audience of the service, times, a living principal. */
export async function identify(
  tx: Transaction,
  service: Service,
  authorization: string | undefined,
): Promise<Identification> {
  const { tenantId } = homeTenant(tx);
  const refuse = (kind: TokenProblem['kind'], detail: string): Identification => ({
    problem: { kind, detail, tenantId },
  });
  const token = /^Bearer\s+(\S+)$/iu.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    return refuse('missing', "Authentication failed. The 'Authorization' header is missing.");
  }
  try {
    const { payload } = await verify(tx, token);
    return admit({ tx, service, payload, refuse });
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return refuse(
        'expired',
        'The access token expiry UTC time is earlier than current UTC time.',
      );
    }
    return refuse('invalid', `The access token is invalid: ${(error as Error).message}`);
  }
}

/** Tokens whose signature was found good: clients send the same one again and again. */
const verified = new Map<string, JWTPayload>();
const REMEMBERED = 1000;

async function verify(tx: Transaction, token: string): Promise<{ payload: JWTPayload }> {
  const { kid } = decodeProtectedHeader(token);
  const key = signingKeys(tx).find((candidate) => candidate.kid === kid);
  if (!key) throw new Error('its signing key is not known');
  const known = verified.get(token);
  if (known?.exp !== undefined && known.exp * 1000 > Date.now()) return { payload: known };
  const publicKey = createPublicKey({ key: key.publicKey, format: 'jwk' });
  const { payload } = await jwtVerify(token, publicKey, {
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'aud'],
  });
  if (verified.size >= REMEMBERED) verified.clear();
  verified.set(token, payload);
  return { payload };
}

function admit(options: {
  tx: Transaction;
  service: Service;
  payload: JWTPayload;
  refuse: (kind: TokenProblem['kind'], detail: string) => Identification;
}): Identification {
  const { tx, service, payload, refuse } = options;
  const tenantId = String(payload['tid']);
  const issuers = [issuerOf(tenantId, '1.0'), issuerOf(tenantId, '2.0')];
  if (!issuers.includes(payload.iss ?? '')) {
    return refuse('invalid', `The access token is from the wrong issuer '${String(payload.iss)}'.`);
  }
  const audience = String(payload.aud);
  if (!mannerOf(service).audiences.includes(audience.replace(/\/+$/u, ''))) {
    return refuse(
      'audience',
      `The access token has been obtained for wrong audience or resource '${audience}'.`,
    );
  }
  const principal = findPrincipal(tx, String(payload['oid']));
  if (!principal) return refuse('invalid', 'The access token names an unknown principal.');
  const { objectId, clientId, name, roles } = principal;
  const isPerson = payload['scp'] === undefined ? {} : ({ isPerson: true } as const);
  const known = { objectId, clientId, name, tenantId: principal.tenantId, roles };
  return { principal: { ...known, ...isPerson } };
}
