import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A line of RULES.md: what holds a rule and what proves it (titles between ` / `), or that it is the product's. */
interface Row {
  /** `R` for a rule, `C` for a conflict of the sources. */
  readonly kind: string;
  readonly rule: number;
  readonly held: string;
  readonly spec?: string;
  readonly title?: string;
}

const LINE =
  /^- (?<kind>[RC])(?<rule>\d+), .+: (?:`(?<file>[^`]+)`; `(?<spec>[^`]+)`: (?<title>.+)|(?<why>the product's))$/u;

const folder = import.meta.dirname;
const rows = readRows(readFileSync(join(folder, 'RULES.md'), 'utf8'));

/** The rules that only a client can keep: nothing in Azure enforces them. */
const ofTheProduct = new Set([
  3, 15, 16, 23, 24, 25, 29, 32, 44, 47, 50, 51, 80, 89, 90, 91, 92, 98, 126, 131, 132, 134, 135,
  137, 139, 140, 141, 148, 150, 152, 162, 164, 165, 166, 167, 168,
]);

test('the list names every rule from 1 to 184 once', () => {
  expect(numbersOf('R')).toEqual(Array.from({ length: 184 }, (_, index) => index + 1));
});

test('and every conflict of the sources from 1 to 17 once', () => {
  expect(numbersOf('C')).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
});

test('exactly the rules that nothing in Azure enforces are left to the product', () => {
  const left = rows.filter(({ held }) => held === "the product's").map(({ rule }) => rule);
  expect(new Set(left)).toEqual(ofTheProduct);
});

test('every file is there, and every proof is a test of its spec', () => {
  const missing = rows.filter(({ held, spec, title }) => {
    if (spec === undefined || title === undefined) return false;
    const at = join(folder, spec);
    if (!existsSync(join(folder, held)) || !existsSync(at)) return true;
    const text = readFileSync(at, 'utf8').replaceAll(/\\'/gu, "'");
    return title.split(' / ').some((each) => !text.includes(each));
  });
  expect(missing).toEqual([]);
});

function numbersOf(wanted: string): number[] {
  const numbers = rows.filter(({ kind }) => kind === wanted).map(({ rule }) => rule);
  return numbers.toSorted((left, right) => left - right);
}

function readRows(text: string): Row[] {
  const lines = text.split('\n').filter((line) => line.startsWith('- '));
  return lines.map((line) => {
    const found = LINE.exec(line)?.groups;
    if (!found) throw new Error(`reading RULES.md: "${line}" names neither a proof nor a reason`);
    const { kind = '', rule, file, spec, title, why } = found;
    const held = file ?? why ?? '';
    if (spec === undefined || title === undefined) return { kind, rule: Number(rule), held };
    return { kind, rule: Number(rule), held, spec, title };
  });
}
