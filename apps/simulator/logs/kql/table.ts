import { semanticError } from './refusals.ts';

export interface Column {
  readonly name: string;
  /** As the query API names types: `string`, `long`, `real`, `bool`, `datetime`, `dynamic`, … */
  readonly type: string;
}

/** What an operator takes and gives. Datetimes are ISO text. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The place of a column. Throws SEM0100 when there is none of that name. */
export function indexOf(columns: readonly Column[], asked: { name: string; by: string }): number {
  const index = columns.findIndex(({ name }) => name === asked.name);
  if (index >= 0) return index;
  throw semanticError(
    'SEM0100',
    `'${asked.by}' operator: Failed to resolve column or scalar expression named '${asked.name}'`,
  );
}

/** A cell as text; what is no text as its JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
