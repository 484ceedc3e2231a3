import { createDial } from '#libs/dial/dial.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ClientCredentials } from './client-credentials.ts';
import { requestToken } from './client-credentials.ts';
import type { Identity } from './profile.ts';
import { reaching } from './reach.ts';
import { simulatorAt } from './settings.ts';
import type { Token, TokenCache } from './token-cache.ts';
import { isGood } from './token-cache.ts';

export interface TokenSources {
  readonly identity: Identity | undefined;
  /** From the environment or a person; asked only when a new token is needed. */
  readonly clientSecret: () => Promise<string | undefined>;
  readonly cache: TokenCache;
  /** For providers beyond this machine. */
  readonly fetch?: typeof fetch | undefined;
}

/** Gives a bearer token: the kept one while it lasts, else a new one. @throws CliError (exit code 6 or 7) */
export function createTokens({ identity, clientSecret, cache, ...rest }: TokenSources) {
  let latest: Token | undefined;
  return async (): Promise<string> => {
    if (identity === undefined) {
      throw new CliError(
        'nobody is logged in',
        exitCodes.forbidden,
        'Log in: keyturn login --help',
      );
    }
    const who = credentialsOf(identity, rest.fetch ?? fetch);
    const key = [who.issuer, who.clientId, who.scope];
    const now = Date.now();
    const known = latest !== undefined && isGood(latest, now) ? latest : cache.read(key, now);
    if (known !== undefined) return known.accessToken;
    const secret = who.clientSecret ?? (await clientSecret());
    if (secret === undefined) {
      throw new CliError(
        'the login has ended',
        exitCodes.forbidden,
        'Log in again with keyturn login, or set KEYTURN_CLIENT_SECRET.',
      );
    }
    const token = await requestToken({ ...who, clientSecret: secret }, who.send);
    latest = token;
    cache.write(key, token);
    return token.accessToken;
  };
}

interface Credentials extends Omit<ClientCredentials, 'clientSecret'> {
  readonly clientSecret?: string;
  readonly send: typeof fetch;
}

function credentialsOf(identity: Identity, send: typeof fetch): Credentials {
  const name = 'the identity provider';
  if (identity.kind === 'client') return { ...identity, send: reaching(send, name) };
  const { file, principal: wanted } = identity;
  const simulator = simulatorAt(file);
  const principal = simulator.principals.find((candidate) => candidate.name === wanted);
  if (principal === undefined) {
    const known = simulator.principals.map((candidate) => candidate.name).join(', ');
    throw new CliError(`the simulator knows no ${wanted}`, exitCodes.invalid, `Choose: ${known}.`);
  }
  return {
    issuer: `https://login.microsoftonline.com/${simulator.tenantId}/v2.0`,
    clientId: principal.clientId,
    clientSecret: principal.clientSecret,
    scope: 'api://keyturn/.default',
    send: reaching(createDial(simulator).fetch, name),
  };
}
