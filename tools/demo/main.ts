import { rmSync } from 'node:fs';
import pc from 'picocolors';
import { asksForHelp, logIn, readOptions, usage } from './demo-options.ts';
import { showStory } from './show-story.ts';
import { createStage } from './stage.ts';

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const options = readOptions(args);
  const stage = createStage(process.stdout);
  let code = 1;
  try {
    code = await showStory(options, stage);
    return code;
  } finally {
    if (options.isTemporary && code === 0) rmSync(options.dataFolder, { recursive: true });
    else stage.say(`What the processes said is in ${logIn(options.dataFolder)}`);
  }
}

try {
  process.exit(await main());
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${pc.red(message)}\n${usage}\n`);
  process.exit(1);
}
