import { describeAddress } from './exchanges.ts';
import type { Fault } from './faults.ts';
import type { Grid } from './grid.ts';
import type { Verdict } from './verdict.ts';

/** The grid as a table for people, with a note below for each trial that was bad. */
export function tableOf({ rows, verdicts, skipped }: Grid, faults: readonly Fault[]): string {
  const lines = rows.map(({ number, address }) => {
    const cells = faults.map(({ name }) => {
      const verdict = verdicts.find(
        ({ run }) => run.trial?.address === address && run.trial.fault.name === name,
      );
      return (verdict?.word ?? '-').padEnd(widthOf(name));
    });
    return `${String(number).padStart(3)}  ${cells.join('  ')}  ${describeAddress(address)}`;
  });
  const head = `     ${faults.map(({ name }) => name.padEnd(widthOf(name))).join('  ')}`;
  const bad = verdicts.filter(({ word }) => word === 'BAD');
  const asked = verdicts.filter(({ word }) => word === 'asked');
  const sum = [
    `${verdicts.length} trials: ${verdicts.length - bad.length - asked.length} ok`,
    `${asked.length} after a person had looked`,
    `${bad.length} bad`,
    `${skipped} not run`,
  ].join(', ');
  return [head, ...lines, '', ...bad.flatMap(notesOf), sum].join('\n');
}

const widthOf = (name: string): number => Math.max(name.length, 5);

function notesOf({ run: { trial, site }, notes }: Verdict): string[] {
  if (trial === undefined) return [];
  return [
    `BAD ${trial.fault.name} at ${describeAddress(trial.address)} (${site.name})`,
    ...notes.map((note) => `      ${note}`),
  ];
}
