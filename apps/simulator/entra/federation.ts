import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { decodeJwt, errors, importJWK, jwtVerify, SignJWT } from 'jose';
import type { Transaction } from '../store.ts';
import { homeTenant } from './directory.ts';
import type { StoredPrincipal } from './directory.ts';

/** What an assertion must be meant for (azure-docs, workload identity federation). */
const EXCHANGE = 'api://AzureADTokenExchange';
const COLLECTION = '$federationKeys';

interface FederationKey {
  readonly kid: string;
  readonly privateKey: JsonWebKey;
  readonly publicKey: JsonWebKey;
}

/** Why an assertion is not accepted, by Entra's number. */
export interface AssertionProblem {
  readonly number: number;
  readonly text: string;
}

/** The one issuer outside of Entra that this tenant's applications may trust: a Kubernetes cluster. */
export function federationIssuer(tx: Transaction): string {
  return `https://westeurope.oic.prod-aks.azure.com/${homeTenant(tx).tenantId}/`;
}

/** What to sign; what is absent is as a correct assertion has it. */
export interface AssertionRequest {
  readonly subject: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Real seconds from now; negative: expired already. */
  readonly lifetimeSeconds?: number;
}

/** Signs an assertion as the trusted issuer would. */
export async function signAssertion(tx: Transaction, asked: AssertionRequest): Promise<string> {
  const { subject, issuer, audience, lifetimeSeconds = 3600 } = asked;
  const key = federationKey(tx);
  const now = Math.floor(Date.now() / 1000);
  const expires = now + lifetimeSeconds;
  return await new SignJWT({})
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid })
    .setIssuer(issuer ?? federationIssuer(tx))
    .setAudience(audience ?? EXCHANGE)
    .setSubject(subject)
    .setIssuedAt(Math.min(now, expires) - 1)
    .setExpirationTime(expires)
    .sign(await importJWK({ ...key.privateKey }, 'RS256'));
}

/** Whether an application trusts an assertion: issuer, audience, subject, signature and times, in that order. */
export async function checkAssertion(
  tx: Transaction,
  application: StoredPrincipal,
  assertion: string,
): Promise<AssertionProblem | undefined> {
  const claims = readClaims(assertion);
  if (claims === undefined) return { number: 50_027, text: 'JWT token is invalid or malformed.' };
  const trusted = application.federatedSubject;
  if (trusted === undefined || claims.iss !== federationIssuer(tx)) {
    return noMatch(700_211, `issuer '${claims.iss ?? ''}'`);
  }
  if (claims.aud !== EXCHANGE) return noMatch(700_212, `audience '${String(claims.aud)}'`);
  if (claims.sub !== trusted) return noMatch(700_213, `subject '${claims.sub ?? ''}'`);
  try {
    const key = createPublicKey({ key: federationKey(tx).publicKey, format: 'jwk' });
    await jwtVerify(assertion, key, { algorithms: ['RS256'], requiredClaims: ['exp'] });
    return undefined;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return { number: 700_024, text: 'Client assertion is not within its valid time range.' };
    }
    return { number: 50_013, text: 'Assertion failed signature validation.' };
  }
}

function readClaims(assertion: string): ReturnType<typeof decodeJwt> | undefined {
  try {
    return decodeJwt(assertion);
  } catch {
    return undefined;
  }
}

function noMatch(number: number, what: string): AssertionProblem {
  return {
    number,
    text: `No matching federated identity record found for presented assertion ${what}. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
  };
}

/** The issuer's key pair, made when it is first asked for. */
function federationKey(tx: Transaction): FederationKey {
  const known = tx.get<FederationKey>(COLLECTION, 'current');
  if (known) return known;
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key: FederationKey = {
    kid: randomBytes(20).toString('base64url'),
    privateKey: pair.privateKey.export({ format: 'jwk' }),
    publicKey: pair.publicKey.export({ format: 'jwk' }),
  };
  tx.put(COLLECTION, 'current', key);
  return key;
}
