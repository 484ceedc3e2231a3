import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { verifyEvidence } from './verify-evidence.ts';

const usage =
  'usage: npm run verify-evidence -- FILE [--hash HASH]    (FILE may be - for standard input)';

/** Verifies the bundle in a file. Ends with 0 when it holds, with 1 when not. */
function main(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { hash: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined) throw new Error(usage);
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  const { about, problems, proved, notProved } = verifyEvidence(text, values.hash);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(about);
  if (problems.length > 0) {
    say('DOES NOT HOLD');
    for (const problem of problems) say(`  ✗ ${problem}`);
    return 1;
  }
  say('HOLDS');
  for (const line of proved) say(`  ✓ ${line}`);
  say('Not proved by it:');
  for (const line of notProved) say(`  · ${line}`);
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
