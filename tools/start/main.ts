import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readToolsConfig } from '../config.ts';
import { startChild } from '../processes/child.ts';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { projectRoot } from '../project.ts';
import { Crew } from '../stack/crew.ts';
import { claimDataFolder } from '../stack/data-folder.ts';
import { createPrefixLog } from '../stack/log.ts';
import { findCli } from '../temporal-server/find-server.ts';
import type { ServerProgram } from '../temporal-server/find-server.ts';
import { prepareNamespace, startTemporalServer } from '../temporal-server/temporal-server.ts';
import { forOwnTemporal, namespaceOf, readStartEnvironment } from './config.ts';

/** The worker may be in the middle of calls to Azure, each with a deadline of a minute. */
const stopGraceMs = 75_000;
const readyWithinMs = 60_000;

type Log = ReturnType<typeof createPrefixLog>;

/** API and worker against the Azure that the environment names, and its Temporal, else the user's `temporal`. */
async function main(): Promise<number> {
  const asked = untilAskedToEnd();
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const log = createPrefixLog((text) => process.stderr.write(text));
  const config = readToolsConfig();
  const tell = (line: string) => log('temporal', line);
  const program =
    config.temporalAddress === undefined ? await findCli({ config, tell }) : undefined;
  const settings = readStartEnvironment(program !== undefined);
  const dataFolder = resolve(values.data ?? join(projectRoot, '.data', 'start'));
  const crew = new Crew();
  const starting = new AbortController();
  try {
    const started = startAll({ crew, log, settings, program, dataFolder, signal: starting.signal });
    const first = await Promise.race([started, asked]);
    if (typeof first === 'string') {
      starting.abort();
      await started.catch(() => {});
      return 0;
    }
    process.stdout.write(`${JSON.stringify(first)}\n`);
    const reason = await Promise.race([asked, crew.broken]);
    if (typeof reason === 'string') return 0;
    throw reason;
  } finally {
    await crew.stop();
  }
}

interface Starting {
  readonly crew: Crew;
  readonly log: Log;
  readonly settings: NodeJS.ProcessEnv;
  /** A Temporal to start; absent, the settings name one. */
  readonly program: ServerProgram | undefined;
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

/** Starts everything; answers what the ready lines said together. */
async function startAll(starting: Starting): Promise<object> {
  const { crew, log, signal } = starting;
  const env = await reachTemporal(starting);
  const answers = ['worker', 'api'].map(async (name) => {
    const child = startChild({
      name,
      command: process.execPath,
      args: [join(projectRoot, 'dist', 'apps', name, 'main.js')],
      env,
      isReady: (answer) => typeof answer === 'object' && answer !== null && 'ready' in answer,
      signal,
      log: (line) => log(name, line),
    });
    void crew.add({ ...child, stop: async () => child.stop(stopGraceMs) });
    return child.ready(readyWithinMs);
  });
  return Object.assign({ temporal: env['TEMPORAL_ADDRESS'] }, ...(await Promise.all(answers)));
}

async function reachTemporal(starting: Starting): Promise<NodeJS.ProcessEnv> {
  const { crew, settings, program, dataFolder, signal } = starting;
  const log = (line: string) => starting.log('temporal', line);
  if (program === undefined) {
    log(`Using the Temporal at ${settings['TEMPORAL_ADDRESS']}`);
    return settings;
  }
  log(`Using ${program.path}, for want of TEMPORAL_ADDRESS; its histories are in ${dataFolder}`);
  const giveBack = claimDataFolder(dataFolder);
  const server = await startTemporalServer({
    program,
    dataFolder,
    time: 'real',
    signal,
    log,
  }).catch((error: unknown) => {
    giveBack();
    throw error;
  });
  const stop = async () => {
    await server.stop();
    giveBack();
  };
  void crew.add({ name: 'temporal', ended: server.ended, stop });
  await prepareNamespace(server.address, namespaceOf(settings));
  return forOwnTemporal(settings, server.address);
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
