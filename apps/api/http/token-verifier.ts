import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { IdentityConfig } from '../config.ts';
import type { Caller } from './caller.ts';
import { toGranted } from './caller.ts';
import { Refused } from './refused.ts';

/** Turns a bearer token into a caller. Throws `unauthenticated` or `identity_unavailable`. */
export type TokenVerifier = (token: string) => Promise<Caller>;

/**
 * An unknown key id makes us read the keys again, since keys rotate at any time; at most once a second,
 * whatever is thrown at us.
 */
const keyCooldownMs = 1000;

/** Keys that an issuer has withdrawn are forgotten after this time. */
const keyMaxAgeMs = 10 * 60_000;

/** Clocks of Entra and of this machine may differ by this much. */
const clockToleranceSeconds = 30;

/** How long an identity provider may take, and when a caller is asked to come back. */
const discoveryTimeoutMs = 5000;
const retryAfterSeconds = 5;

const discoveryDocument = z.object({
  issuer: z.string(),
  jwks_uri: z.url({ protocol: /^https$/u }),
});

/**
 * A verifier for the tokens of one tenant. Keys come from OpenID discovery only: nothing in a token can
 * name its own key, and no key is configured.
 */
export function createTokenVerifier(identity: IdentityConfig, send: typeof fetch): TokenVerifier {
  const keysByIssuer = new Map<string, Promise<JWTVerifyGetKey>>();

  const keysOf = (issuer: string): Promise<JWTVerifyGetKey> => {
    const known = keysByIssuer.get(issuer);
    if (known !== undefined) return known;
    const found = discoverKeys(issuer, send).catch((error: unknown) => {
      keysByIssuer.delete(issuer);
      throw error;
    });
    keysByIssuer.set(issuer, found);
    return found;
  };

  return async (token) => {
    const issuer = identity.issuers.find((known) => known === claimedIssuer(token));
    if (issuer === undefined) throw unauthenticated('its issuer is not the one of this tenant');
    try {
      const { payload } = await jwtVerify(token, await keysOf(issuer), {
        algorithms: ['RS256'],
        issuer,
        audience: [...identity.audiences],
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp'],
      });
      return toCaller(payload, identity.tenantId);
    } catch (error) {
      throw toRefused(error);
    }
  };
}

function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    throw unauthenticated('it is no JSON Web Token', error);
  }
}

async function discoverKeys(issuer: string, send: typeof fetch): Promise<JWTVerifyGetKey> {
  const response = await send(discoveryUrl(issuer), {
    signal: AbortSignal.timeout(discoveryTimeoutMs),
  });
  if (!response.ok) throw new Error(`discovering ${issuer}: status ${response.status}`);
  const document = discoveryDocument.parse(await response.json());
  if (document.issuer !== issuer) {
    throw new Error(`discovering ${issuer}: the document is of ${document.issuer}`);
  }
  return createRemoteJWKSet(new URL(document.jwks_uri), {
    [customFetch]: send,
    cooldownDuration: keyCooldownMs,
    cacheMaxAge: keyMaxAgeMs,
    timeoutDuration: discoveryTimeoutMs,
  });
}

/** Entra publishes the document of its version 1 issuer under the name of version 2. */
function discoveryUrl(issuer: string): string {
  const entra = /^https:\/\/sts\.windows\.net\/([^/]+)\/$/u.exec(issuer);
  const base =
    entra === null
      ? issuer.replace(/\/$/u, '')
      : `https://login.microsoftonline.com/${String(entra[1])}`;
  return `${base}/.well-known/openid-configuration`;
}

function toCaller(payload: JWTPayload, tenantId: string): Caller {
  if (textOf(payload, 'tid')?.toLowerCase() !== tenantId.toLowerCase()) {
    throw unauthenticated('it is of another tenant');
  }
  const objectId = textOf(payload, 'oid') ?? payload.sub;
  if (objectId === undefined) throw unauthenticated('it does not say whose it is');
  const names = ['name', 'preferred_username', 'upn', 'app_displayname', 'azp', 'appid'];
  const name = names.map((claim) => textOf(payload, claim)).find((text) => text !== undefined);
  return {
    tenantId,
    person: { objectId, name: name ?? objectId },
    granted: toGranted(payload['roles']),
    // jose has made sure that there is one.
    until: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000,
  };
}

function textOf(payload: JWTPayload, claim: string): string | undefined {
  const value = payload[claim];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** jose's errors about the token itself; every other failure is the identity provider's. */
const tokenErrors = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

function toRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated('it has expired', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`its claim ${error.claim} is not accepted`, error);
  }
  if (tokenErrors.some((kind) => error instanceof kind)) {
    return unauthenticated('its signature is not one of the issuer', error);
  }
  const reason = 'the keys that tokens are checked with cannot be read';
  return new Refused({ code: 'identity_unavailable', reason }, { retryAfterSeconds, cause: error });
}

const unauthenticated = (why: string, cause?: unknown): Refused =>
  new Refused({ code: 'unauthenticated', reason: `the token is not accepted: ${why}` }, { cause });
