import { parseArgs } from 'node:util';
import { guideTo } from './guide.ts';
import { switches } from './settings.ts';
import { startSimulator } from './start.ts';
import type { SimulatorOptions } from './start.ts';

const usage = `usage: simulator [--data DIR] [--https-port N] [--proxy-port N] [--control-port N]
  [--clock real|manual|follow] [--pace N] [--rules current|2021] [--seed NAME|FILE] [--retry-after]
  [--switch NAME]...
`;

/** Reads the command line. Throws with a sentence on anything it does not understand. */
function readOptions(args: string[]): SimulatorOptions {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      'https-port': { type: 'string', default: '0' },
      'proxy-port': { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      clock: { type: 'string', default: 'real' },
      pace: { type: 'string', default: '1' },
      rules: { type: 'string', default: 'current' },
      seed: { type: 'string', default: 'default' },
      'retry-after': { type: 'boolean', default: false },
      switch: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    ...(values.data === undefined ? {} : { data: values.data }),
    httpsPort: readNumber('--https-port', values['https-port']),
    proxyPort: readNumber('--proxy-port', values['proxy-port']),
    controlPort: readNumber('--control-port', values['control-port']),
    clock: readWord('--clock', values.clock, ['real', 'manual', 'follow'] as const),
    pace: readNumber('--pace', values.pace) || 1,
    rules: readWord('--rules', values.rules, ['current', '2021'] as const),
    seed: values.seed,
    retryAfter: values['retry-after'],
    switches: values.switch.map((name) => readWord('--switch', name, switches)),
  };
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`${name} must be a number, not ${text}`);
  return value;
}

function readWord<T extends string>(name: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (!word) throw new Error(`${name} must be one of ${words.join(', ')}, not ${text}`);
  return word;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const simulator = await startSimulator(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      simulator.close().catch((error: unknown) => {
        process.stderr.write(`closing the simulator: ${String(error)}\n`);
        process.exitCode = 1;
      });
    });
  }
  process.stdout.write(`${JSON.stringify(simulator.description)}\n`);
  // A program names a folder and reads the line; a person does not, or looks at a terminal.
  const isForPerson = options.data === undefined || process.stderr.isTTY;
  if (isForPerson) process.stderr.write(guideTo(simulator.description));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`starting the simulator: ${(error as Error).message}\n${usage}`);
  process.exitCode = 1;
}
