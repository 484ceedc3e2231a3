import { z } from 'zod';
import { parseSimulatorFile } from '#libs/dial/dial.ts';
import type { SimulatorFile } from '#libs/dial/dial.ts';
import { readToolsConfig } from '../config.ts';
import { startChild } from '../processes/child.ts';
import { findOwnServer, findServer } from '../temporal-server/find-server.ts';
import { findFreePorts } from '../temporal-server/free-ports.ts';
import { prepareNamespace, startTemporalServer } from '../temporal-server/temporal-server.ts';
import { Crew } from './crew.ts';
import type { Member } from './crew.ts';
import { claimDataFolder } from './data-folder.ts';
import {
  apiProgram,
  ledgerOf,
  placesIn,
  simulatorProgram,
  withBundle,
  workerProgram,
} from './programs.ts';
import type { Program, StackSettings } from './programs.ts';

export interface StackOptions {
  readonly dataFolder: string;
  /** Default 100: two hours of Azure's work pass in about a minute. */
  readonly pace?: number;
  readonly virtualTime?: boolean;
  /** Temporal is one of our own that can let time pass for a workflow (engine.ts); virtual time has it anyway. */
  readonly canPassTime?: boolean;
  readonly apiPort?: number;
  readonly rules?: 'current' | '2021';
  /** Workspace of the simulator's first group that holds the audit of vaults; absent, none is read. */
  readonly auditWorkspace?: string;
  /** How often every cluster is inspected; absent, only when that is triggered. */
  readonly inspectMinutes?: number;
  /** Default `keyturn`. Tests that share a server take one each. */
  readonly namespace?: string;
  /** A Temporal that already runs with the settings needed; absent, TEMPORAL_ADDRESS or one of our own. */
  readonly temporalAddress?: string;
  /** Place of the ledger; absent, a SQLite file in the data folder. */
  readonly ledger?: string;
  /** Aborted while starting: what has begun is stopped. */
  readonly signal?: AbortSignal;
  /** Takes every line the processes write, with the name of its process. */
  readonly log: (process: string, line: string) => void;
}

/** The whole product on this machine, with the simulator for Azure. */
export interface Stack {
  /** Base URL of the API. */
  readonly api: string;
  /** host:port of Temporal's frontend. */
  readonly temporal: string;
  readonly namespace: string;
  /** Place of the ledger: the path of its file, or its URL. */
  readonly ledger: string;
  readonly simulator: SimulatorFile;
  /**
   * The worker, to be killed and started as stories and trials ask; with the path of another workflow bundle
   * it is another release.
   */
  readonly worker: {
    start(bundle?: string): Promise<void>;
    kill(): Promise<void>;
    stop(): Promise<void>;
  };
  /** Where Prometheus reads what the worker counts; the API has its own at /metrics. */
  readonly workerMetrics: string;
  /** Settles with the reason when a process ended that should not have. */
  readonly broken: Promise<Error>;
  /** Stops everything, cleanly where possible. Safe to repeat. */
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;
const stopGraceMs = 15_000;

/**
 * Starts Temporal, the simulator, a worker and the API as processes of ours, each ready before it is
 * relied on. They end when we do, even when we are killed.
 * @throws with the last words of whatever did not start; nothing is left running then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const settings = completed(options);
  const giveBack = claimDataFolder(settings.dataFolder);
  const crew = new Crew();
  const stop = async () => {
    await crew.stop();
    giveBack();
  };
  try {
    return { ...(await startParts(settings, options, crew)), broken: crew.broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(settings: StackSettings, options: StackOptions, crew: Crew) {
  const [temporalStarted, simulatorStarted] = await Promise.allSettled([
    startTemporal(settings, options, crew),
    startProgram(simulatorProgram(settings), isSimulatorFile, { options, crew }),
  ]);
  // Both are awaited before either failure is told, so that whatever did start is stopped too.
  const temporal = valueOf(temporalStarted);
  const simulator = parseSimulatorFile(JSON.stringify(valueOf(simulatorStarted).answer));
  const [metricsPort] = await findFreePorts(1);
  const measured = {
    ...settings,
    ...(metricsPort !== undefined && { workerMetricsPort: metricsPort }),
  };
  const worker = createWorker(workerProgram(measured, temporal, simulator), { options, crew });
  await worker.start();
  const api = await startProgram(apiProgram(settings, temporal, simulator), isReady, {
    options,
    crew,
  });
  const { port } = z.object({ port: z.number().int() }).parse(api.answer);
  return {
    api: `http://127.0.0.1:${port}`,
    temporal,
    namespace: settings.namespace,
    ledger: ledgerOf(settings),
    simulator,
    worker,
    workerMetrics: `http://127.0.0.1:${metricsPort}/metrics`,
  };
}

async function startTemporal(
  settings: StackSettings,
  options: StackOptions,
  crew: Crew,
): Promise<string> {
  const config = readToolsConfig();
  // Virtual time needs settings of the server that somebody else's may not have.
  const isVirtual = settings.virtualTime || options.canPassTime === true;
  const configured = isVirtual ? undefined : config.temporalAddress;
  const known = options.temporalAddress ?? configured;
  if (known !== undefined) {
    await prepareNamespace(known, settings.namespace);
    return known;
  }
  const log = (line: string) => options.log('temporal', line);
  const signal = signalOf(options);
  const find = isVirtual ? findOwnServer : findServer;
  const server = await startTemporalServer({
    program: await find({ config, tell: log, ...signal }),
    dataFolder: placesIn(settings.dataFolder).temporal,
    time: isVirtual ? 'virtual' : 'real',
    ...signal,
    log,
  });
  void crew.add({ name: 'temporal', ...server });
  await prepareNamespace(server.address, settings.namespace);
  return server.address;
}

interface Place {
  readonly options: StackOptions;
  readonly crew: Crew;
}

async function startProgram(
  program: Program,
  isReadyLine: (answer: unknown) => boolean,
  { options, crew }: Place,
) {
  const child = startChild({
    ...program,
    command: process.execPath,
    isReady: isReadyLine,
    ...signalOf(options),
    log: (line) => options.log(program.name, line),
  });
  try {
    const answer = await child.ready(readyWithinMs);
    const member: Member = { ...child, stop: async () => child.stop(stopGraceMs) };
    void crew.add(member);
    return { answer, child, member };
  } catch (error) {
    await child.kill();
    throw error;
  }
}

function createWorker(program: Program, place: Place): Stack['worker'] {
  let running: Awaited<ReturnType<typeof startProgram>> | undefined;
  const end = async (how: 'kill' | 'stop') => {
    if (running === undefined) return;
    const { child, member } = running;
    running = undefined;
    place.crew.dismiss(member);
    await (how === 'kill' ? child.kill() : member.stop());
  };
  return {
    start: async (bundle) => {
      running ??= await startProgram(withBundle(program, bundle), isReady, place);
    },
    kill: async () => end('kill'),
    stop: async () => end('stop'),
  };
}

function completed(options: StackOptions): StackSettings {
  return {
    dataFolder: options.dataFolder,
    pace: options.pace ?? 100,
    virtualTime: options.virtualTime ?? false,
    apiPort: options.apiPort ?? 0,
    rules: options.rules ?? 'current',
    namespace: options.namespace ?? 'keyturn',
    ...(options.ledger !== undefined && { ledger: options.ledger }),
    ...(options.inspectMinutes !== undefined && { inspectMinutes: options.inspectMinutes }),
    ...(options.auditWorkspace !== undefined && { auditWorkspace: options.auditWorkspace }),
    environment: readToolsConfig().environment,
  };
}

const signalOf = ({ signal }: StackOptions) => (signal === undefined ? {} : { signal });

const isReady = (answer: unknown): boolean =>
  z.object({ ready: z.literal(true) }).safeParse(answer).success;

const isSimulatorFile = (answer: unknown): boolean =>
  z.object({ controlPort: z.number() }).safeParse(answer).success;

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
