import { z } from 'zod';
import { cliNeeded } from '../temporal-server/find-server.ts';

const schema = z.object({
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  KEYTURN_TENANT_ID: z.string().min(1).optional(),
  KEYTURN_SIMULATOR: z.string().optional(),
  KEYTURN_VIRTUAL_TIME: z.string().optional(),
});

/** Reads what `npm start` hands on to the worker and the API: the whole environment, once it will do. */
export const readStartEnvironment = (canStartTemporal: boolean): NodeJS.ProcessEnv =>
  checkEnvironment(process.env, canStartTemporal);

/**
 * Gives the environment back if a real tenant is named in it, and a Temporal unless one can be started.
 * @throws with one sentence that names everything missing, or what does not belong here.
 */
export function checkEnvironment(
  environment: NodeJS.ProcessEnv,
  canStartTemporal: boolean,
): NodeJS.ProcessEnv {
  const read = schema.parse(environment);
  if (read.KEYTURN_SIMULATOR !== undefined || read.KEYTURN_VIRTUAL_TIME !== undefined) {
    throw new Error(
      'npm start works on Azure itself: unset KEYTURN_SIMULATOR and KEYTURN_VIRTUAL_TIME, or use npm run stack.',
    );
  }
  const missing: string[] = [];
  if (read.TEMPORAL_ADDRESS === undefined && !canStartTemporal)
    missing.push(`TEMPORAL_ADDRESS (host:port of the Temporal frontend) or ${cliNeeded}`);
  if (read.KEYTURN_TENANT_ID === undefined)
    missing.push('KEYTURN_TENANT_ID (the Entra tenant whose tokens the API takes)');
  if (missing.length > 0) {
    const list = missing.join(', and ');
    throw new Error(`npm start needs ${list}; for a trial without either, use npm run stack.`);
  }
  // Both must look into one namespace, whatever each would take by itself.
  return { TEMPORAL_NAMESPACE: 'keyturn', ...environment };
}

/**
 * The environment for a Temporal that this process has started: what the shell says of reaching another
 * one (TLS, an API key) must not be tried on it.
 */
export function forOwnTemporal(
  environment: NodeJS.ProcessEnv,
  address: string,
): NodeJS.ProcessEnv & { readonly TEMPORAL_NAMESPACE: string } {
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(others),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespaceOf(environment),
  };
}

/** The namespace that worker and API work in. */
export const namespaceOf = (environment: NodeJS.ProcessEnv): string =>
  environment['TEMPORAL_NAMESPACE'] ?? 'keyturn';
