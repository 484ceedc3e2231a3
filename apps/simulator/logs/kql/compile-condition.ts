import type { Condition, Literal } from './query.ts';
import { semanticError } from './refusals.ts';
import { indexOf, textOf } from './table.ts';
import type { Column } from './table.ts';

type Row = readonly unknown[];
type Predicate = (row: Row) => boolean;
type Scalar = string | number | boolean;

/** The kind of value that a column holds, in the words of literals. */
const kinds: Readonly<Record<string, Literal['type']>> = {
  string: 'string',
  guid: 'string',
  int: 'number',
  long: 'number',
  real: 'number',
  bool: 'bool',
  datetime: 'datetime',
};

/** Turns a condition into a test of rows. Throws SEM0100 for an unknown column, SEM0064 where types do not meet. */
export function compileCondition(columns: readonly Column[], condition: Condition): Predicate {
  switch (condition.kind) {
    case 'and': {
      const [left, right] = both(columns, condition);
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = both(columns, condition);
      return (row) => left(row) || right(row);
    }
    case 'compare':
      return compileComparison(columns, condition);
  }
}

function both(
  columns: readonly Column[],
  { left, right }: Extract<Condition, { kind: 'and' | 'or' }>,
): [Predicate, Predicate] {
  return [compileCondition(columns, left), compileCondition(columns, right)];
}

function compileComparison(
  columns: readonly Column[],
  { column, comparison, values }: Extract<Condition, { kind: 'compare' }>,
): Predicate {
  const index = indexOf(columns, { name: column, by: 'where' });
  const type = columns[index]?.type ?? '';
  const kind = kindOf(type, comparison);
  const stranger = values.find((value) => value.type !== kind);
  const textOnly = Object.hasOwn(textTests, comparison) && kind !== 'string';
  if (stranger !== undefined || textOnly) {
    throw semanticError(
      'SEM0064',
      `'where' operator: Cannot compare values of types ${type} and ${stranger?.type ?? type}. Try adding explicit casts`,
    );
  }
  const wanted = values.map(({ value }) => value);
  const test = testOf(comparison);
  return (row) => {
    const value = scalarOf(row[index], type);
    // A missing value is unlike everything else, and in no relation to it.
    if (value === undefined) return comparison.startsWith('!');
    return test(value, wanted);
  };
}

/** A dynamic value is looked into as its JSON text, and is compared with nothing. */
function kindOf(type: string, comparison: string): Literal['type'] | undefined {
  if (type !== 'dynamic') return kinds[type];
  return /^!?(?:has|contains)$/u.test(comparison) ? 'string' : undefined;
}

function scalarOf(value: unknown, type: string): Scalar | undefined {
  if (value === null || value === undefined) return undefined;
  if (type === 'datetime') return Date.parse(textOf(value));
  return typeof value === 'number' || typeof value === 'boolean' ? value : textOf(value);
}

type Test = (value: Scalar, wanted: readonly Scalar[]) => boolean;

const orderTests: Readonly<Record<string, Test>> = {
  '==': (value, [wanted]) => value === wanted,
  '>': (value, [wanted]) => value > (wanted ?? ''),
  '>=': (value, [wanted]) => value >= (wanted ?? ''),
  '<': (value, [wanted]) => value < (wanted ?? ''),
  '<=': (value, [wanted]) => value <= (wanted ?? ''),
  in: (value, wanted) => wanted.includes(value),
  between: (value, [low, high]) => value >= (low ?? '') && value <= (high ?? ''),
};

/** Texts compare without regard to case here; `has` looks for whole words in a row. */
const textTests: Readonly<Record<string, Test>> = {
  '=~': (value, [wanted]) => lower(value) === lower(wanted),
  contains: (value, [wanted]) => lower(value).includes(lower(wanted)),
  startswith: (value, [wanted]) => lower(value).startsWith(lower(wanted)),
  endswith: (value, [wanted]) => lower(value).endsWith(lower(wanted)),
  has: (value, [wanted]) => hasWords(lower(value), lower(wanted)),
};

function hasWords(text: string, wanted: string): boolean {
  if (wanted === '') return true;
  const isWordy = (index: number) => /\w/u.test(text[index] ?? '');
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
    if (!isWordy(at - 1) && !isWordy(at + wanted.length)) return true;
  return false;
}

/** `!=`, `!~`, `!in`, `!contains` and `!has` are the opposites of others. */
const opposites: Readonly<Record<string, string>> = { '!=': '==', '!~': '=~' };

function testOf(comparison: string): Test {
  const known = orderTests[comparison] ?? textTests[comparison];
  if (known !== undefined) return known;
  const opposite = testOf(opposites[comparison] ?? comparison.slice(1));
  return (value, wanted) => !opposite(value, wanted);
}

function lower(value: Scalar | undefined): string {
  return String(value).toLowerCase();
}
