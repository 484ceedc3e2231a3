import { compileCondition } from './compile-condition.ts';
import type { Aggregate, Operator } from './query.ts';
import { indexOf, textOf } from './table.ts';
import type { Column, Table } from './table.ts';

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

function summarize(
  table: Table,
  { aggregates, by }: Extract<Operator, { kind: 'summarize' }>,
): Table {
  const keyed = pick(table, { names: by, by: 'summarize' });
  const groups = new Map<string, { values: readonly unknown[]; rows: Row[] }>();
  if (by.length === 0) groups.set('[]', { values: [], rows: [] });
  keyed.rows.forEach((values, index) => {
    const key = JSON.stringify(values);
    const group = groups.get(key) ?? { values, rows: [] };
    group.rows.push(table.rows[index] ?? []);
    groups.set(key, group);
  });
  const computed = aggregates.map((aggregate) => computeOf(table, aggregate));
  return {
    columns: [...keyed.columns, ...computed.map(({ column }) => column)],
    rows: [...groups.values()].map(({ values, rows }) => [
      ...values,
      ...computed.map(({ compute }) => compute(rows)),
    ]),
  };
}

type Row = readonly unknown[];

function computeOf(
  { columns }: Table,
  { name, of, column }: Aggregate,
): { column: Column; compute: (rows: readonly Row[]) => unknown } {
  if (of === 'count') return { column: { name, type: 'long' }, compute: ({ length }) => length };
  const index = indexOf(columns, { name: column, by: 'summarize' });
  const sign = of === 'max' ? -1 : 1;
  return {
    column: { name, type: columns[index]?.type ?? 'string' },
    compute: (rows) =>
      rows
        .map((row) => row[index])
        .filter((value) => value !== null && value !== undefined)
        .reduce<unknown>(
          (best, value) => (best === null || sign * compare(value, best) < 0 ? value : best),
          null,
        ),
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
