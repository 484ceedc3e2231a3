/** `npm run trials -- KIND`: exit code 0 only when every trial was run and went well. */
import { parseArgs } from 'node:util';
import { faultNamed, faults, revocations } from './faults.ts';
import { runGrid, type GridOptions } from './grid.ts';
import { kindNamed, kinds } from './kinds.ts';
import { tableOf } from './table.ts';

const usage = [
  'usage: npm run trials -- KIND [--limit MINUTES] [--fault NAME]… [--exchange WHICH]… [--stands N] [--asked]',
  `  KIND      ${kinds.map(({ name }) => name).join(', ')}`,
  '  --limit     no trial begins after so many minutes; 30 if not given',
  '  --exchange  its number in the table, or a part of its description there',
  '  --asked     tells also what a person was told, where one was asked',
  ...[...faults, ...revocations].map(({ name, title }) => `  --fault ${name.padEnd(13)} ${title}`),
].join('\n');

const minuteMs = 60_000;
const tell = (line: string) => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.length === 0) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { options, isTellingAsked, limit } = readOptions(args);
  const startedAt = Date.now();
  const grid = await runGrid(options);
  process.stdout.write(`${tableOf(grid, options.faults)}\n`);
  if (isTellingAsked) {
    for (const { run, word, notes } of grid.verdicts)
      if (word === 'asked')
        process.stdout.write(`${run.trial?.fault.name} ${run.trial?.address.path}: ${notes[0]}\n`);
  }
  const minutes = (Date.now() - startedAt) / minuteMs;
  process.stdout.write(`${minutes.toFixed(1)} minutes, of at most ${limit}\n`);
  const isGood = grid.skipped === 0 && grid.verdicts.every(({ word }) => word !== 'BAD');
  return isGood ? 0 : 1;
}

function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      limit: { type: 'string', default: '30' },
      fault: { type: 'string', multiple: true },
      exchange: { type: 'string', multiple: true },
      stands: { type: 'string', default: '3' },
      asked: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  const limit = numberOf('limit', values.limit);
  const kind = kindNamed(name);
  const options: GridOptions = {
    kind,
    faults: values.fault?.map(faultNamed) ?? kind.faults,
    ...(values.exchange !== undefined && { exchanges: values.exchange }),
    stands: numberOf('stands', values.stands),
    until: Date.now() + limit * minuteMs,
    tell,
  };
  return { options, isTellingAsked: values.asked, limit };
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${option} must be a number above 0\n${usage}`);
  return number;
}
