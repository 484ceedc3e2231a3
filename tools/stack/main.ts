import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { projectRoot } from '../project.ts';
import { createPrefixLog } from './log.ts';
import { startStack } from './stack.ts';
import type { StackOptions } from './stack.ts';

const usage =
  'usage: npm run stack -- [--data DIR] [--pace N] [--virtual-time] [--port N] [--rules current|2021]';

function readOptions(args: string[]): StackOptions {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      pace: { type: 'string', default: '100' },
      'virtual-time': { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      rules: { type: 'string', default: 'current' },
    },
  });
  const { pace, port, rules } = values;
  if (!(Number(pace) >= 1)) throw new Error(`--pace must be a number from 1 on, not ${pace}`);
  if (!/^\d{1,5}$/u.test(port)) throw new Error(`--port must be a port, not ${port}`);
  if (rules !== 'current' && rules !== '2021')
    throw new Error(`--rules must be current or 2021, not ${rules}`);
  return {
    dataFolder: resolve(values.data ?? `${projectRoot}/.data`),
    pace: Number(pace),
    virtualTime: values['virtual-time'],
    apiPort: Number(port),
    rules,
    inspectMinutes: 60,
    log: createPrefixLog((text) => process.stderr.write(text)),
  };
}

async function main(): Promise<number> {
  const asked = untilAskedToEnd();
  const starting = new AbortController();
  const options = readOptions(process.argv.slice(2));
  const started = startStack({ ...options, signal: starting.signal });
  const stack = await Promise.race([started, asked]);
  if (typeof stack === 'string') {
    starting.abort();
    await started.then(
      (late) => late.stop(),
      () => {},
    );
    return 0;
  }
  const { api, temporal, ledger, simulator, workerMetrics } = stack;
  const places = { api, console: null, temporal, ledger, simulator, workerMetrics };
  process.stdout.write(`${JSON.stringify(places)}\n`);
  const reason = await Promise.race([asked, stack.broken]);
  await stack.stop();
  if (typeof reason === 'string') return 0;
  process.stderr.write(`Stopped the stack: ${reason.message}\n`);
  return 1;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(1);
}
