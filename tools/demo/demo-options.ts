import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stories } from './stories.ts';
import type { Story } from './story.ts';

/** What the demo is asked to do. */
export interface DemoOptions {
  readonly story: Story;
  readonly once: boolean;
  readonly dataFolder: string;
  /** The folder is ours, and goes when all of it held. */
  readonly isTemporary: boolean;
  readonly pace?: number;
}

/** The command line in one line, and each story in one. */
export const usage = [
  'usage: npm run demo -- [--story NAME] [--once] [--data DIR] [--pace N]',
  ...stories.map(({ name, title }) => `  --story ${name.padEnd(10)} ${title}`),
].join('\n');

/** Whether the command line only asks what it may say. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes('--help') || args.includes('-h');

/** Reads the command line. @throws with a sentence on anything it does not understand. */
export function readOptions(args: string[]): DemoOptions {
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
  const isTemporary = values.data === undefined;
  return { story, once: values.once, dataFolder, isTemporary, ...(pace !== undefined && { pace }) };
}

/** Where the processes of the stack are heard: told stories need the terminal for themselves. */
export const logIn = (dataFolder: string): string => join(dataFolder, 'stack.log');
