import { z } from 'zod';
import { readSimulatorFile } from '#libs/dial/dial.ts';
import type { RulePackName } from '#libs/domain/service-rules.ts';
import type { TemporalSettings } from '#libs/temporal/connection.ts';
import { problemsOf, temporalEnvironment, toTemporalSettings } from '#libs/temporal/environment.ts';

/** Everything the process is told from outside, read once and frozen. */
export interface ApiConfig {
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  readonly temporal: TemporalSettings;
  readonly identity: IdentityConfig;
  readonly rules: RulePackName;
  readonly virtualTime: boolean;
  /** The ledger, which workers write and the API only reads: path of a SQLite file, or a postgres:// URL. */
  readonly ledger: string;
  /** Path of a simulator.json; with it, the identity provider is the simulator's. */
  readonly simulatorFile?: string;
}

/** Whose tokens are taken, and for whom they must be made. */
export interface IdentityConfig {
  readonly tenantId: string;
  readonly audiences: readonly string[];
  readonly issuers: readonly string[];
}

const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((text) => text === 'true' || text === '1');
const list = z.string().transform((text) => text.split(/[\s,]+/u).filter((part) => part !== ''));
const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu, 'must be a UUID');

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  ...temporalEnvironment,
  KEYTURN_TENANT_ID: guid.optional(),
  KEYTURN_AUDIENCE: list.default(['api://keyturn']),
  KEYTURN_ISSUERS: list.optional(),
  KEYTURN_SIMULATOR: z.string().optional(),
  KEYTURN_LEDGER: z.string().default('.data/ledger.db'),
  KEYTURN_RULES: z.enum(['current', '2021']).default('current'),
  KEYTURN_VIRTUAL_TIME: flag.default(false),
});

type Environment = z.output<typeof environment>;

/** Reads the environment of the process. Throws with every problem at once. */
export const readConfig = (): ApiConfig => parseConfig(process.env);

/** Reads settings from an environment. Throws with every problem at once. */
export function parseConfig(variables: Readonly<Record<string, string | undefined>>): ApiConfig {
  const set = Object.entries(variables).filter(([, text]) => text !== undefined && text !== '');
  const read = environment.safeParse(Object.fromEntries(set));
  const problems = read.success
    ? checkTogether(read.data)
    : read.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  if (!read.success || problems.length > 0) {
    throw new Error(`reading the settings of the API: ${problems.join('; ')}`);
  }
  return Object.freeze(toConfig(read.data));
}

function checkTogether(env: Environment): string[] {
  const problems = problemsOf(env);
  if (env.KEYTURN_TENANT_ID === undefined && env.KEYTURN_SIMULATOR === undefined) {
    problems.push('KEYTURN_TENANT_ID: is missing; it names the tenant whose tokens are taken');
  }
  if (env.KEYTURN_VIRTUAL_TIME && env.KEYTURN_SIMULATOR === undefined) {
    problems.push('KEYTURN_VIRTUAL_TIME: is only allowed together with KEYTURN_SIMULATOR');
  }
  return problems;
}

function toConfig(env: Environment): ApiConfig {
  const simulatorFile = env.KEYTURN_SIMULATOR;
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    temporal: toTemporalSettings(env),
    identity: toIdentity(env),
    rules: env.KEYTURN_RULES,
    virtualTime: env.KEYTURN_VIRTUAL_TIME,
    ledger: env.KEYTURN_LEDGER,
    ...(simulatorFile !== undefined && { simulatorFile }),
  };
}

function toIdentity(env: Environment): IdentityConfig {
  const { KEYTURN_SIMULATOR: simulatorFile } = env;
  const tenantId =
    env.KEYTURN_TENANT_ID ??
    (simulatorFile === undefined ? '' : readSimulatorFile(simulatorFile).tenantId);
  return {
    tenantId,
    audiences: env.KEYTURN_AUDIENCE,
    issuers: env.KEYTURN_ISSUERS ?? entraIssuers(tenantId),
  };
}

/** The two issuers of an Entra tenant: tokens of version 1 and of version 2. */
const entraIssuers = (tenantId: string): string[] => [
  `https://sts.windows.net/${tenantId}/`,
  `https://login.microsoftonline.com/${tenantId}/v2.0`,
];
