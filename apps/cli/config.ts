import { join } from 'node:path';
import { z } from 'zod';

const text = z.string().min(1).optional();

const schema = z.object({
  KEYTURN_API: text,
  KEYTURN_SUBSCRIPTION: text,
  KEYTURN_SIMULATOR: text,
  KEYTURN_AS: text,
  KEYTURN_TENANT_ID: text,
  KEYTURN_ISSUER: text,
  KEYTURN_CLIENT_ID: text,
  KEYTURN_CLIENT_SECRET: text,
  KEYTURN_SCOPE: text,
  XDG_CONFIG_HOME: text,
  XDG_STATE_HOME: text,
  HOME: z.string().default('/'),
});

/** What the command line reads from the environment; everything but the folders may be absent. */
export interface Environment {
  readonly api?: string;
  /** For resource ids that leave it out. */
  readonly subscription?: string;
  /** Path of a simulator.json. */
  readonly simulator?: string;
  /** Principal of the simulator to speak as. */
  readonly as?: string;
  readonly tenant?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scope?: string;
  /** Holds who logged in, and the token. */
  readonly configFolder: string;
  /** Holds what was asked last. */
  readonly stateFolder: string;
}

/** Reads the environment of the process. */
export const readEnvironment = (): Environment => parseEnvironment(process.env);

/** Reads settings from an environment; an empty variable is an absent one. */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
  const env = schema.parse(Object.fromEntries(set));
  const named = {
    api: env.KEYTURN_API,
    subscription: env.KEYTURN_SUBSCRIPTION,
    simulator: env.KEYTURN_SIMULATOR,
    as: env.KEYTURN_AS,
    tenant: env.KEYTURN_TENANT_ID,
    issuer: env.KEYTURN_ISSUER,
    clientId: env.KEYTURN_CLIENT_ID,
    clientSecret: env.KEYTURN_CLIENT_SECRET,
    scope: env.KEYTURN_SCOPE,
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    configFolder: join(env.XDG_CONFIG_HOME ?? join(env.HOME, '.config'), 'keyturn'),
    stateFolder: join(env.XDG_STATE_HOME ?? join(env.HOME, '.local', 'state'), 'keyturn'),
  };
}
