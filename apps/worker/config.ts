import { z } from 'zod';

import { parseWorkspaceId } from '#libs/domain/azure-ids.ts';
import { problemsOf, temporalEnvironment } from '#libs/temporal/environment.ts';

/** The worker's settings, read from the environment once. */
const settings = z.object({
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('keyturn'),
  ...temporalEnvironment,
  AZURE_TENANT_ID: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  /** Path of a `simulator.json`: Azure's names then lead to the simulator. Unset, to Azure. */
  KEYTURN_SIMULATOR: z.string().optional(),
  KEYTURN_RULES: z.enum(['current', '2021']).default('current'),
  /** The ledger: path of a SQLite file, or a postgres:// URL. */
  KEYTURN_LEDGER: z.string().min(1).default('.data/ledger.db'),
  /** Folder with the files of keys to be imported; unset, none can be. */
  KEYTURN_IMPORT_FOLDER: z.string().min(1).optional(),
  /** Path of another workflow bundle than the one built with this worker, to try a release. */
  KEYTURN_WORKFLOW_BUNDLE: z.string().min(1).optional(),
  /** Workflow time is sent to the simulator's clock; refused against Azure. */
  KEYTURN_VIRTUAL_TIME: z.stringbool().default(false),
  /** The four of a probe: all or none. Records are marked in the table's column `Marker`. */
  KEYTURN_PROBE_ENDPOINT: z.url({ protocol: /^https$/u }).optional(),
  /** Immutable id of the data collection rule. */
  KEYTURN_PROBE_RULE_ID: z.string().min(1).optional(),
  KEYTURN_PROBE_STREAM: z.string().min(1).optional(),
  KEYTURN_PROBE_TABLE: z
    .string()
    .regex(/^[A-Za-z_]\w*$/u)
    .optional(),
  /** Resource id of the workspace to which vaults send their audit; unset, no use of a key version is proven. */
  KEYTURN_AUDIT_WORKSPACE: z
    .string()
    .refine((id) => parseWorkspaceId(id) !== undefined, 'must be the resource id of a workspace')
    .optional(),
  /** How often every cluster is inspected, minutes; 0: only when the schedule is triggered by hand. */
  KEYTURN_INSPECT_MINUTES: z.coerce.number().int().min(0).max(10_080).default(60),
  /** host:port at which Prometheus reads metrics, without a token: loopback, or a network of its own. */
  KEYTURN_METRICS_ADDRESS: z
    .string()
    .regex(/^(?:\[[0-9a-f:]+\]|[0-9.]+):\d{1,5}$/iu, 'must be an IP address and a port')
    .optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type WorkerConfig = Readonly<z.infer<typeof settings>>;

/**
 * Parses the environment.
 * @throws Error that names every setting that is wrong
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const parsed = settings.safeParse(environment);
  if (!parsed.success) throw new Error(`reading the settings:\n${z.prettifyError(parsed.error)}`);
  const config = Object.freeze(parsed.data);
  if (config.KEYTURN_VIRTUAL_TIME && config.KEYTURN_SIMULATOR === undefined) {
    throw new Error(
      'reading the settings: KEYTURN_VIRTUAL_TIME is refused without KEYTURN_SIMULATOR',
    );
  }
  const [problem] = problemsOf(config);
  if (problem !== undefined) throw new Error(`reading the settings: ${problem}`);
  readProbe(config);
  return config;
}

/**
 * Where probes are sent; undefined when nothing is said of it.
 * @throws Error when only some of the four settings are there
 */
export function readProbe(config: WorkerConfig) {
  const {
    KEYTURN_PROBE_ENDPOINT: endpoint,
    KEYTURN_PROBE_RULE_ID: ruleId,
    KEYTURN_PROBE_STREAM: streamName,
    KEYTURN_PROBE_TABLE: table,
  } = config;
  const known = [endpoint, ruleId, streamName, table].filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  if (endpoint && ruleId && streamName && table) return { endpoint, ruleId, streamName, table };
  throw new Error(
    'reading the settings: KEYTURN_PROBE_ENDPOINT, _RULE_ID, _STREAM and _TABLE go together',
  );
}
