import { join } from 'node:path';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import { projectRoot } from '../project.ts';

/** What the stack is asked to be. */
export interface StackSettings {
  readonly dataFolder: string;
  /** Divisor of the durations of Azure's work, never of dates. */
  readonly pace: number;
  /** Waits are skipped: the simulator's clock follows the workflows. */
  readonly virtualTime: boolean;
  /** Port of the API; 0 chooses a free one. */
  readonly apiPort: number;
  readonly rules: 'current' | '2021';
  /** Workspace of the simulator's first group that holds the audit of vaults; absent, none is read. */
  readonly auditWorkspace?: string;
  /** How often every cluster is inspected; absent, only when that is triggered. */
  readonly inspectMinutes?: number;
  /** Where Temporal is, once that is known. */
  readonly namespace: string;
  /** Place of the ledger; absent, a SQLite file in the data folder. */
  readonly ledger?: string;
  /** Port at which the worker shows its metrics. */
  readonly workerMetricsPort?: number;
  /** The environment that processes need to find their way: PATH, and how Temporal is reached. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A process of the stack: what to run, and with which environment. */
export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Where the stack keeps what it remembers. */
export const placesIn = (dataFolder: string) => ({
  temporal: join(dataFolder, 'temporal'),
  simulator: join(dataFolder, 'simulator'),
  simulatorFile: join(dataFolder, 'simulator', 'simulator.json'),
  ledger: join(dataFolder, 'ledger.sqlite'),
  /** Keys to be imported are put here. */
  imports: join(dataFolder, 'import'),
});

/** Where the ledger is: the path of a SQLite file, or a postgres:// URL. */
export const ledgerOf = ({ ledger, dataFolder }: StackSettings): string =>
  ledger ?? placesIn(dataFolder).ledger;

/** Azure's stand-in. */
export function simulatorProgram(settings: StackSettings): Program {
  const flags = {
    '--data': placesIn(settings.dataFolder).simulator,
    '--clock': settings.virtualTime ? 'follow' : 'real',
    '--pace': String(settings.pace),
    '--rules': settings.rules,
  };
  return {
    name: 'simulator',
    args: [compiled('simulator'), ...Object.entries(flags).flat(), '--retry-after'],
    env: basics(settings.environment),
  };
}

/** Workflows and activities, with the rights of the simulator's principal `keyturn`. */
export function workerProgram(
  settings: StackSettings,
  temporal: string,
  simulator: SimulatorFile,
): Program {
  const self = principalNamed(simulator, 'keyturn');
  return {
    name: 'worker',
    args: [compiled('worker')],
    env: {
      ...product(settings, temporal),
      KEYTURN_INSPECT_MINUTES: String(settings.inspectMinutes ?? 0),
      KEYTURN_IMPORT_FOLDER: placesIn(settings.dataFolder).imports,
      AZURE_TENANT_ID: simulator.tenantId,
      AZURE_CLIENT_ID: self.clientId,
      AZURE_CLIENT_SECRET: self.clientSecret,
      ...probeSettings(simulator),
      ...auditSettings(settings, simulator),
      ...metricsSettings(settings),
    },
  };
}

/** The worker with another workflow bundle, as another release has it. */
export const withBundle = (worker: Program, bundle: string | undefined): Program =>
  bundle === undefined
    ? worker
    : { ...worker, env: { ...worker.env, KEYTURN_WORKFLOW_BUNDLE: bundle } };

/** Probes go where the simulator's estate takes records. */
function probeSettings({ logIngestion }: SimulatorFile): NodeJS.ProcessEnv {
  if (logIngestion === undefined) return {};
  return {
    KEYTURN_PROBE_ENDPOINT: logIngestion.endpoint,
    KEYTURN_PROBE_RULE_ID: logIngestion.ruleId,
    KEYTURN_PROBE_STREAM: logIngestion.streamName,
    KEYTURN_PROBE_TABLE: logIngestion.table,
  };
}

function auditSettings(
  { auditWorkspace: name }: StackSettings,
  { subscriptionId, resourceGroup }: SimulatorFile,
): NodeJS.ProcessEnv {
  if (name === undefined) return {};
  return { KEYTURN_AUDIT_WORKSPACE: formatWorkspaceId({ subscriptionId, resourceGroup, name }) };
}

function metricsSettings({ workerMetricsPort: port }: StackSettings): NodeJS.ProcessEnv {
  return port === undefined ? {} : { KEYTURN_METRICS_ADDRESS: `127.0.0.1:${port}` };
}

/** The HTTP API. */
export function apiProgram(
  settings: StackSettings,
  temporal: string,
  simulator: SimulatorFile,
): Program {
  return {
    name: 'api',
    args: [compiled('api')],
    env: {
      ...product(settings, temporal),
      PORT: String(settings.apiPort),
      KEYTURN_TENANT_ID: simulator.tenantId,
    },
  };
}

/** A person or process the simulator's Entra knows. @throws when it knows none of that name. */
export function principalNamed(simulator: SimulatorFile, name: string) {
  const principal = simulator.principals.find((candidate) => candidate.name === name);
  if (principal === undefined)
    throw new Error(`finding the principal ${name}: the simulator does not know it`);
  return principal;
}

const compiled = (app: string): string => join(projectRoot, 'dist', 'apps', app, 'main.js');

function product(settings: StackSettings, temporal: string): NodeJS.ProcessEnv {
  const { simulatorFile } = placesIn(settings.dataFolder);
  return {
    ...basics(settings.environment),
    TEMPORAL_ADDRESS: temporal,
    TEMPORAL_NAMESPACE: settings.namespace,
    KEYTURN_SIMULATOR: simulatorFile,
    KEYTURN_LEDGER: ledgerOf(settings),
    KEYTURN_RULES: settings.rules,
    KEYTURN_VIRTUAL_TIME: String(settings.virtualTime),
  };
}

/** Nothing else is passed on: a real Azure credential in a developer's shell must not reach the stack. */
function basics(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isPassedOn = (name: string) =>
    ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LOG_LEVEL'].includes(name) || name.startsWith('TEMPORAL_');
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isPassedOn(name)));
}
