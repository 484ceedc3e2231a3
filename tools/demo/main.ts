import { createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { createClient } from '#libs/client/client.ts';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { startStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { createStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { stories } from './stories.ts';
import type { Story } from './story.ts';
import { createTokenSource, shellLines } from './tokens.ts';

interface DemoOptions {
  readonly story: Story;
  readonly once: boolean;
  readonly dataFolder: string;
  readonly pace?: number;
}

const usage = `usage: npm run demo -- [--story ${stories.map(({ name }) => name).join('|')}] [--once] [--data DIR] [--pace N]`;

function readOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      story: { type: 'string', default: stories[0].name },
      once: { type: 'boolean', default: false },
      data: { type: 'string' },
      pace: { type: 'string' },
    },
  });
  const story = stories.find(({ name }) => name === values.story);
  if (story === undefined) throw new Error(`there is no story ${values.story}`);
  const pace = values.pace === undefined ? undefined : Number(values.pace);
  if (pace !== undefined && !(pace >= 1)) throw new Error('--pace must be a number from 1 on');
  const dataFolder =
    values.data === undefined ? mkdtempSync(join(tmpdir(), 'keyturn-demo-')) : resolve(values.data);
  return { story, once: values.once, dataFolder, ...(pace !== undefined && { pace }) };
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const stage = createStage(process.stdout);
  const ending = new AbortController();
  const asked = untilAskedToEnd().finally(() => ending.abort());
  stage.title(options.story.title);
  stage.say(pc.dim('Starting Temporal, the simulator, a worker and the API on this machine …'));
  let stack: Stack | undefined;
  try {
    stack = await open(options, ending.signal, stage);
    const told = tell(options.story, { stack, stage, signal: ending.signal });
    const broken = stack.broken.then((reason) => {
      throw reason;
    });
    const holds = await Promise.race([told, broken]);
    stage.title(holds ? pc.green('All of it held.') : pc.red('Not all of it held.'));
    if (options.once) return holds ? 0 : 1;
    invite(stage, stack, options.dataFolder);
    await Promise.race([asked, broken]);
    return 0;
  } catch (error) {
    if (ending.signal.aborted) return 130;
    throw error;
  } finally {
    await stack?.stop();
  }
}

async function open(options: DemoOptions, signal: AbortSignal, stage: Stage): Promise<Stack> {
  const startedMs = Date.now();
  const log = createWriteStream(join(options.dataFolder, 'stack.log'), { flags: 'a' });
  const stack = await startStack({
    ...options.story.stack,
    ...(options.pace !== undefined && { pace: options.pace }),
    dataFolder: options.dataFolder,
    signal,
    log: (process, line) => {
      log.write(`${process.padEnd(9)} | ${line}\n`);
      if (line.startsWith('Building')) stage.say(pc.dim(line));
    },
  });
  stage.say(pc.dim(`Ready after ${Math.round((Date.now() - startedMs) / 1_000)} s.\n`));
  return stack;
}

async function tell(
  story: Story,
  { stack, stage, signal }: { stack: Stack; stage: Stage; signal: AbortSignal },
): Promise<boolean> {
  const token = createTokenSource(stack.simulator, 'operator');
  const client = createClient({ baseUrl: stack.api, token });
  return story.tell({ stack, client, stage, signal });
}

function invite(stage: Stage, stack: Stack, dataFolder: string): void {
  stage.title('It stays up until Ctrl-C');
  stage.say(`  API       ${stack.api}/docs`);
  stage.say(`  Temporal  ${stack.temporal}, namespace ${stack.namespace}`);
  stage.say(`  Log       ${join(dataFolder, 'stack.log')}`);
  stage.say('  Ask it yourself:');
  for (const line of shellLines(stack.simulator, 'operator', `${stack.api}/v1/clusters`))
    stage.say(`    ${line}`);
}

try {
  process.exit(await main());
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${pc.red(message)}\n${usage}\n`);
  process.exit(1);
}
