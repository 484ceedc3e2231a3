import pc from 'picocolors';
import { untilAskedToEnd } from '../processes/lifetime.ts';
import { runBench } from './bench.ts';
import { drawReport } from './report.ts';

/** The table goes to standard error, the document to standard output: `npm run -s bench > report.json`. */
async function main(): Promise<void> {
  const ending = new AbortController();
  void untilAskedToEnd().then(() => ending.abort(new Error('asked to end')));
  const startedMs = performance.now();
  const tell = (text: string) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    process.stderr.write(`${pc.dim(`${seconds.padStart(4)} s  ${text}`)}\n`);
  };
  const report = await runBench({ signal: ending.signal, tell });
  process.stderr.write(`\n${drawReport(report).join('\n')}\n\n`);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
