import { compileCondition } from './compile-condition.ts';
import type { Operator } from './query.ts';
import { indexOf, textOf } from './table.ts';
import type { Table } from './table.ts';

/** The table that is left after the operators. Throws the service's semantic errors. */
export function runOperators(table: Table, operators: readonly Operator[]): Table {
  return operators.reduce(apply, table);
}

function apply(table: Table, operator: Operator): Table {
  const { columns, rows } = table;
  switch (operator.kind) {
    case 'where':
      return { columns, rows: rows.filter(compileCondition(columns, operator.condition)) };
    case 'take':
      return { columns, rows: rows.slice(0, operator.count) };
    case 'count':
      return { columns: [{ name: 'Count', type: 'long' }], rows: [[rows.length]] };
    case 'project':
      return pick(table, { names: operator.columns, by: 'project' });
    case 'summarize':
      return summarize(table, operator);
    case 'order':
      return order(table, operator);
  }
}

function pick({ columns, rows }: Table, asked: { names: readonly string[]; by: string }): Table {
  const indexes = asked.names.map((name) => indexOf(columns, { name, by: asked.by }));
  const of = <T>(values: readonly T[]): T[] => indexes.map((index) => values[index] as T);
  return { columns: of(columns), rows: rows.map(of) };
}

function summarize(table: Table, { name, by }: Extract<Operator, { kind: 'summarize' }>): Table {
  const groups = new Map<string, { values: readonly unknown[]; count: number }>();
  const keyed = pick(table, { names: by, by: 'summarize' });
  if (by.length === 0) groups.set('[]', { values: [], count: 0 });
  for (const values of keyed.rows) {
    const key = JSON.stringify(values);
    groups.set(key, { values, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return {
    columns: [...keyed.columns, { name, type: 'long' }],
    rows: [...groups.values()].map(({ values, count }) => [...values, count]),
  };
}

function order({ columns, rows }: Table, { keys }: Extract<Operator, { kind: 'order' }>): Table {
  const sorted = keys.map(({ column, descending }) => ({
    index: indexOf(columns, { name: column, by: 'order' }),
    sign: descending ? -1 : 1,
  }));
  return {
    columns,
    rows: rows.toSorted((left, right) => {
      for (const { index, sign } of sorted) {
        const difference = compare(left[index], right[index]);
        if (difference !== 0) return sign * difference;
      }
      return 0;
    }),
  };
}

/** Instants as ISO text of one form sort like text; nulls come first when ascending. */
function compare(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null || left === undefined) return -1;
  if (right === null || right === undefined) return 1;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return textOf(left) < textOf(right) ? -1 : 1;
}
