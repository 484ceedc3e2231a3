import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { isLoopback } from './reach.ts';
import type { Token } from './token-cache.ts';

const discovery = z.object({ token_endpoint: z.url() });
const granted = z.object({ access_token: z.string(), expires_in: z.coerce.number() });
const refused = z.object({ error: z.string(), error_description: z.string().optional() });

/** A client of an identity provider, with its secret. */
export interface ClientCredentials {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/**
 * Gets a token by client credentials (RFC 6749, 4.4) from the endpoint that the issuer publishes.
 * @throws CliError when the provider says no or cannot be reached
 */
export async function requestToken(
  { issuer, clientId, clientSecret, scope }: ClientCredentials,
  send: typeof fetch,
): Promise<Token> {
  const endpoint = await discoverEndpoint(issuer, send);
  const askedAt = Date.now();
  const response = await send(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  const token = granted.safeParse(body);
  if (!response.ok || !token.success) throw refusal(response.status, body);
  const { access_token: accessToken, expires_in: seconds } = token.data;
  return { accessToken, expiresAt: askedAt + seconds * 1000 };
}

async function discoverEndpoint(issuer: string, send: typeof fetch): Promise<string> {
  const address = `${issuer.replace(/\/+$/u, '')}/.well-known/openid-configuration`;
  mustBeSafe(address);
  const response = await send(address);
  const read = discovery.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !read.success) {
    throw new CliError(
      `asking ${address} for the token endpoint: status ${response.status}, and no such document`,
      exitCodes.forbidden,
      'Check the tenant or the issuer.',
    );
  }
  mustBeSafe(read.data.token_endpoint);
  return read.data.token_endpoint;
}

/** A secret is sent over TLS, or not beyond this machine. */
function mustBeSafe(address: string): void {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new CliError(`sending no secret to ${address}: it is not https`, exitCodes.invalid);
}

function refusal(status: number, body: unknown): CliError {
  const read = refused.safeParse(body);
  const { error = `status ${status}`, error_description: description } = read.data ?? {};
  // The first line says why; those after it are trace ids.
  const reason = description?.split(/ Trace ID|\r?\n/u)[0] ?? error;
  return new CliError(
    `the identity provider gives no token: ${reason}`,
    exitCodes.forbidden,
    'Check client id and secret, then log in again: keyturn login',
  );
}
