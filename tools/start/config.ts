import { z } from 'zod';

const needed = {
  TEMPORAL_ADDRESS: 'host:port of the Temporal frontend',
  KEYTURN_TENANT_ID: 'the Entra tenant whose tokens the API takes',
} as const;

const schema = z.object({
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  KEYTURN_TENANT_ID: z.string().min(1).optional(),
  KEYTURN_SIMULATOR: z.string().optional(),
  KEYTURN_VIRTUAL_TIME: z.string().optional(),
});

/** Reads what `npm start` hands on to the worker and the API: the whole environment, once it will do. */
export const readStartEnvironment = (): NodeJS.ProcessEnv => checkEnvironment(process.env);

/**
 * Gives the environment back if a real Temporal and a real tenant are named in it.
 * @throws with one sentence that names everything missing, or what does not belong here.
 */
export function checkEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = schema.parse(environment);
  if (read.KEYTURN_SIMULATOR !== undefined || read.KEYTURN_VIRTUAL_TIME !== undefined) {
    throw new Error(
      'npm start works on Azure itself: unset KEYTURN_SIMULATOR and KEYTURN_VIRTUAL_TIME, or use npm run stack.',
    );
  }
  const missing = Object.entries(needed).filter(
    ([name]) => read[name as keyof typeof needed] === undefined,
  );
  if (missing.length > 0) {
    const list = missing.map(([name, meaning]) => `${name} (${meaning})`).join(' and ');
    throw new Error(`npm start needs ${list}; for a trial without either, use npm run stack.`);
  }
  // Both must look into one namespace, whatever each would take by itself.
  return { TEMPORAL_NAMESPACE: 'keyturn', ...environment };
}
