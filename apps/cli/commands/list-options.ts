import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Session } from '../shell.ts';

/** Options of every list. */
export interface ListOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

/** Adds `--limit`, `--cursor` and `--all`. */
export const withListOptions = (command: Command): Command =>
  command
    .option('--limit <rows>', 'rows of a page, at most 200', toRows)
    .option('--cursor <cursor>', 'begin with the page that a page before has named')
    .option('--all', 'every page');

/** The part of a filter that says which page. */
export const pageOf = ({ limit, cursor }: ListOptions) => ({
  ...(limit !== undefined && { limit }),
  ...(cursor !== undefined && { cursor }),
});

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/** One page, or with `all` every page as one. */
export async function readPages<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  { cursor, all }: ListOptions,
): Promise<Page<T>> {
  const first = await read(cursor);
  if (all !== true) return first;
  const items = [...first.items];
  for (let { next } = first; next !== undefined;) {
    const page = await read(next);
    items.push(...page.items);
    ({ next } = page);
  }
  return { items };
}

/** Says on standard error that there is more. */
export function tellMore({ terminal, isJson }: Session, { next }: Page<unknown>): void {
  if (next !== undefined && !isJson) terminal.talk(`There is more: --cursor ${next}, or --all`);
}

function toRows(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows >= 1) return rows;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
