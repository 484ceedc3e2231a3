import { createWriteStream } from 'node:fs';
import pc from 'picocolors';
import { createClient } from '#libs/client/client.ts';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { startStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { logIn } from './demo-options.ts';
import type { DemoOptions } from './demo-options.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';
import { createTokenSource, shellLines } from './tokens.ts';

/**
 * Starts the stack, tells the story, stays if asked to; the stack is stopped whatever happens.
 * Returns the exit code: 0 only if all of it held.
 */
export async function showStory(options: DemoOptions, stage: Stage): Promise<number> {
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
    const code = holds ? 0 : 1;
    if (options.once) return code;
    invite(stage, stack, options.dataFolder);
    await Promise.race([asked, broken]);
    return code;
  } catch (error) {
    if (ending.signal.aborted) return 130;
    throw error;
  } finally {
    await stack?.stop();
  }
}

async function open(options: DemoOptions, signal: AbortSignal, stage: Stage): Promise<Stack> {
  const startedMs = Date.now();
  const log = createWriteStream(logIn(options.dataFolder), { flags: 'a' });
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
  stage.say(`  Log       ${logIn(dataFolder)}`);
  stage.say('  Ask it yourself:');
  for (const line of shellLines(stack.simulator, 'operator', `${stack.api}/v1/clusters`))
    stage.say(`    ${line}`);
}
