import { z } from 'zod';

const schema = z.object({
  PATH: z.string().default(''),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
});

/** What the tools themselves read from the environment. */
export interface ToolsConfig {
  readonly path: string;
  /** Set: this Temporal is used, and none is started. */
  readonly temporalAddress?: string;
  /** The whole environment, for processes that must find their way as we do. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Reads the environment once. */
export function readToolsConfig(): ToolsConfig {
  const { PATH: path, TEMPORAL_ADDRESS: temporalAddress } = schema.parse(process.env);
  const config = { path, environment: { ...process.env } };
  return temporalAddress === undefined ? config : { ...config, temporalAddress };
}
