import { join } from 'node:path';
import { startChild } from '../processes/child.ts';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { projectRoot } from '../project.ts';
import { Crew } from '../stack/crew.ts';
import { createPrefixLog } from '../stack/log.ts';
import { readStartEnvironment } from './config.ts';

/** The worker may be in the middle of calls to Azure, each with a deadline of a minute. */
const stopGraceMs = 75_000;
const readyWithinMs = 60_000;

/** API and worker against the Temporal and the Azure that the environment names. */
async function main(): Promise<number> {
  const asked = untilAskedToEnd();
  const env = readStartEnvironment();
  const log = createPrefixLog((text) => process.stderr.write(text));
  const crew = new Crew();
  try {
    const answers = ['worker', 'api'].map(async (name) => {
      const child = startChild({
        name,
        command: process.execPath,
        args: [join(projectRoot, 'dist', 'apps', name, 'main.js')],
        env,
        isReady: (answer) => typeof answer === 'object' && answer !== null && 'ready' in answer,
        log: (line) => log(name, line),
      });
      void crew.add({ ...child, stop: async () => child.stop(stopGraceMs) });
      return child.ready(readyWithinMs);
    });
    const started = Promise.all(answers);
    const first = await Promise.race([started, asked]);
    if (typeof first === 'string') return 0;
    process.stdout.write(`${JSON.stringify(Object.assign({}, ...first))}\n`);
    const reason = await Promise.race([asked, crew.broken]);
    if (typeof reason === 'string') return 0;
    throw reason;
  } finally {
    await crew.stop();
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
