import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { searchAttributes } from '#libs/contracts/temporal.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { ensureNamespace } from '#libs/temporal/namespace.ts';
import { describeEnding, startChild } from '../processes/child.ts';
import type { Child, Ending } from '../processes/child.ts';
import type { ServerProgram } from './find-server.ts';
import { findFreePorts } from './free-ports.ts';
import { dynamicSettings, toDynamicConfigFile } from './server-settings.ts';
import type { Setting, TimeMode } from './server-settings.ts';

export interface TemporalServerOptions {
  readonly program: ServerProgram;
  /** Where histories and visibility are kept; made if absent. */
  readonly dataFolder: string;
  readonly time: TimeMode;
  /** Dynamic configuration beside ours. */
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Histories are kept in this PostgreSQL, whose schema is made (`findSchemaTool`); absent, in SQLite. Own server only. */
  readonly postgres?: PostgresPlace;
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
}

/** A PostgreSQL on this machine, with the databases `temporal` and `temporal_visibility`. */
export interface PostgresPlace {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A running Temporal server of our own. */
export interface TemporalServer {
  /** host:port of the frontend. */
  readonly address: string;
  readonly ended: Promise<Ending>;
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;
/** Long enough to hand in the write-ahead log; the data survives a kill as well. */
const stopGraceMs = 10_000;
/** Other processes may take a port between choosing and using it. */
const attempts = 4;
const grpcNotFound = 5;

/**
 * Starts the server on free loopback ports, waits until its frontend answers.
 * @throws when it does not come up, with its last words.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  await mkdir(options.dataFolder, { recursive: true });
  const log = silenceable(options.log);
  for (let attempt = 1; ; attempt += 1) {
    const start = options.program.kind === 'cli' ? startCli : startOwnServer;
    const { child, address } = await start({ ...options, log: log.write });
    const ending = await untilServing(child, address);
    if (ending === undefined) {
      const stop = async () => {
        log.silence();
        await child.stop(stopGraceMs);
      };
      return { address, ended: child.ended, stop };
    }
    const isClash = ending.lastLines.some((line) => line.includes('address already in use'));
    if (!isClash || attempt === attempts)
      throw new Error(`starting Temporal: it ended ${describeEnding(ending)}`);
  }
}

/** A server that is told to stop reports each of its parts missing the others: dozens of errors about nothing. */
function silenceable(log: (line: string) => void) {
  let isSilent = false;
  return {
    write: (line: string) => {
      if (!isSilent) log(line);
    },
    silence: () => {
      isSilent = true;
    },
  };
}

/** Registers a namespace and the product's search attributes; safe to repeat. */
export async function prepareNamespace(address: string, namespace: string): Promise<void> {
  const connection = createLazyConnection({ address, namespace });
  try {
    await ensureNamespace(connection, { namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}

interface Started {
  readonly child: Child;
  readonly address: string;
}

/** The official server: all four roles in one process, settings by environment. */
async function startOwnServer(options: TemporalServerOptions): Promise<Started> {
  const { dataFolder, time, settings } = options;
  const settingsFile = join(dataFolder, 'dynamic-config.yaml');
  await writeFile(settingsFile, toDynamicConfigFile({ ...dynamicSettings(time), ...settings }));
  const names = ['FRONTEND', 'HISTORY', 'MATCHING', 'WORKER'].flatMap((role) => [
    `${role}_GRPC_PORT`,
    `${role}_MEMBERSHIP_PORT`,
  ]);
  const ports = await portsOf(dataFolder, names.length + 1);
  const address = `127.0.0.1:${ports[0]}`;
  const env = {
    ...Object.fromEntries(
      [...names, 'FRONTEND_HTTP_PORT'].map((name, index) => [name, String(ports[index])]),
    ),
    ...storeSettings(options),
    BIND_ON_IP: '127.0.0.1',
    PUBLIC_FRONTEND_ADDRESS: address,
    LOG_LEVEL: 'warn',
    DYNAMIC_CONFIG_FILE_PATH: settingsFile,
  };
  const args = ['--allow-no-auth', 'start'];
  return { child: startServerChild(options, args, env), address };
}

function storeSettings({ dataFolder, postgres }: TemporalServerOptions): NodeJS.ProcessEnv {
  if (postgres === undefined) {
    return {
      DB: 'sqlite',
      DBNAME: join(dataFolder, 'temporal.db'),
      VISIBILITY_DBNAME: join(dataFolder, 'visibility.db'),
      SQLITE_JOURNAL_MODE: 'wal',
      NUM_HISTORY_SHARDS: '1',
    };
  }
  return {
    DB: 'postgres12_pgx',
    DBNAME: 'temporal',
    VISIBILITY_DBNAME: 'temporal_visibility',
    POSTGRES_SEEDS: '127.0.0.1',
    DB_PORT: String(postgres.port),
    POSTGRES_USER: postgres.user,
    POSTGRES_PWD: postgres.password,
    NUM_HISTORY_SHARDS: '4',
  };
}

/**
 * The ports this data was served on before, if they are free. The server looks for the members it knew: on
 * other ports it waits fifteen seconds for its former self, and can not be stopped meanwhile.
 */
async function portsOf(dataFolder: string, count: number): Promise<number[]> {
  const file = join(dataFolder, 'ports.json');
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as number[],
    () => [],
  );
  const ports = await findFreePorts(count, known);
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

/** The server inside the user's own `temporal`. */
async function startCli(options: TemporalServerOptions): Promise<Started> {
  const { dataFolder, time } = options;
  const all = { ...dynamicSettings(time), ...options.settings };
  const [port, httpPort, metricsPort] = await findFreePorts(3);
  const settings = Object.entries(all).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${JSON.stringify(value)}`,
  ]);
  const flags = {
    '--ip': '127.0.0.1',
    '--port': String(port),
    '--http-port': String(httpPort),
    '--metrics-port': String(metricsPort),
    '--log-level': 'warn',
    '--db-filename': join(dataFolder, 'temporal-dev.db'),
    '--sqlite-pragma': 'journal_mode=WAL',
  };
  const args = ['server', 'start-dev', '--headless', ...Object.entries(flags).flat(), ...settings];
  const env = { HOME: dataFolder, PATH: '/usr/bin:/bin' };
  return { child: startServerChild(options, args, env), address: `127.0.0.1:${port}` };
}

function startServerChild(
  { program, signal, log }: TemporalServerOptions,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Child {
  const command = { name: 'temporal', command: program.path, args, env, log };
  return startChild(signal === undefined ? command : { ...command, signal });
}

/** Undefined once the frontend answers; the ending when the process gave up. */
async function untilServing(child: Child, address: string): Promise<Ending | undefined> {
  const connection = createLazyConnection({ address, namespace: 'default' });
  const watch = new AbortController();
  const served = untilAnswered(connection, watch.signal);
  try {
    return await Promise.race([served, child.ended]);
  } catch (error) {
    await child.stop(stopGraceMs);
    throw error;
  } finally {
    watch.abort();
    await connection.close();
  }
}

async function untilAnswered(connection: Connection, stopped: AbortSignal): Promise<undefined> {
  const giveUpAt = Date.now() + readyWithinMs;
  while (!stopped.aborted && !(await answers(connection))) {
    if (Date.now() > giveUpAt)
      throw new Error(`starting Temporal: not ready within ${readyWithinMs / 1_000} s`);
    await setTimeout(100);
  }
}

/** Whether frontend, history and matching have found each other: only then is a start accepted. */
async function answers(connection: Connection): Promise<boolean> {
  const namespace = 'temporal-system';
  const { workflowService } = connection;
  try {
    await workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'probe' } });
    await workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId: 'probe' },
    });
    return true;
  } catch (error) {
    if (!isGrpcServiceError(error)) return false;
    const code: number = error.code;
    return code === grpcNotFound;
  }
}
