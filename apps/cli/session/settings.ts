import { resolve } from 'node:path';
import { readSimulatorFile } from '#libs/dial/dial.ts';
import { CliError } from '../cli-error.ts';
import type { Environment } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Identity, Profile } from './profile.ts';

/** What may be said on every command line. */
export interface GlobalOptions {
  readonly api?: string;
  readonly subscription?: string;
  readonly simulator?: string;
  readonly as?: string;
  readonly json?: boolean;
}

/** Where to call and as whom, once flags, environment and profile are put together. */
export interface Settings {
  readonly api: string;
  readonly subscription?: string;
  readonly identity?: Identity;
}

/** Where `npm start` listens. */
const defaultApi = 'http://127.0.0.1:8080';
const defaultPrincipal = 'operator';
const defaultScope = 'api://keyturn/.default';

interface Sources {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly profile: Profile;
}

/** Flags win over the environment, the environment over what `login` has kept. */
export function toSettings(sources: Sources): Settings {
  const { options, environment, profile } = sources;
  const identity = toIdentity(sources);
  const subscription =
    options.subscription ??
    environment.subscription ??
    profile.subscription ??
    (identity?.kind === 'simulator' ? simulatorAt(identity.file).subscriptionId : undefined);
  return {
    api: readApi(options.api ?? environment.api ?? profile.api ?? defaultApi),
    ...(subscription !== undefined && { subscription }),
    ...(identity !== undefined && { identity }),
  };
}

/** Who calls, by the same order; undefined when nobody is named. */
function toIdentity({ options, environment, profile }: Sources): Identity | undefined {
  const principal = options.as ?? environment.as;
  const file = options.simulator ?? environment.simulator;
  if (file !== undefined) {
    return { kind: 'simulator', file: resolve(file), principal: principal ?? defaultPrincipal };
  }
  const client = clientIdentity(environment);
  if (client !== undefined) return client;
  const known = profile.identity;
  if (principal === undefined) return known;
  if (known?.kind === 'simulator') return { ...known, principal };
  throw new CliError(
    '--as names a principal of a simulator, and none is known',
    exitCodes.invalid,
    'Name its simulator.json with --simulator.',
  );
}

interface ClientNames {
  readonly tenant?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly scope?: string;
}

/** A client of Entra ID by its tenant, or of any provider by its issuer; undefined unless both are said. */
export function clientIdentity(names: ClientNames): Identity | undefined {
  const { tenant, clientId, scope = defaultScope } = names;
  const issuer =
    names.issuer ??
    (tenant && `https://login.microsoftonline.com/${encodeURIComponent(tenant)}/v2.0`);
  if (!issuer || !clientId) return undefined;
  return { kind: 'client', issuer, clientId, scope };
}

/** @throws CliError when the file is none of a simulator. */
export function simulatorAt(file: string) {
  try {
    return readSimulatorFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `reading the simulator.json ${file}: ${reason}`,
      exitCodes.invalid,
      'npm run stack writes it to .data/simulator/simulator.json while it runs.',
    );
  }
}

function readApi(text: string): string {
  if (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)) return text;
  throw new CliError(`the address of the API is no http or https URL: ${text}`, exitCodes.invalid);
}
