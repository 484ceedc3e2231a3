import { parseCondition, parseInteger } from './parse-condition.ts';
import type { Aggregate, Operator, Query } from './query.ts';
import { syntaxError } from './refusals.ts';
import { TokenReader } from './token-reader.ts';
import { tokenize } from './tokens.ts';

type Parser = (reader: TokenReader, now: number) => Operator;

const operators: Readonly<Record<string, Parser>> = {
  where: (reader, now) => ({ kind: 'where', condition: parseCondition(reader, now) }),
  filter: (reader, now) => ({ kind: 'where', condition: parseCondition(reader, now) }),
  take: (reader) => ({ kind: 'take', count: parseInteger(reader) }),
  limit: (reader) => ({ kind: 'take', count: parseInteger(reader) }),
  count: () => ({ kind: 'count' }),
  project: (reader) => ({ kind: 'project', columns: parseNames(reader) }),
  summarize: parseSummarize,
  order: parseOrder,
  sort: parseOrder,
};

/**
 * Reads `Table | operator | …`. `now` is epoch ms, for `now()` and `ago()`. Throws the service's syntax error at the
 * first word that it does not know.
 */
export function parseQuery(text: string, now: number): Query {
  const reader = new TokenReader(tokenize(text));
  const table = reader.expect('name').text;
  const parsed: Operator[] = [];
  while (reader.takeSign('|')) {
    const word = reader.expect('name');
    const parse = Object.hasOwn(operators, word.text) ? operators[word.text] : undefined;
    if (parse === undefined) throw syntaxError(word);
    parsed.push(parse(reader, now));
  }
  reader.takeSign(';');
  reader.expect('end');
  return { table, operators: parsed };
}

/** Aggregates may be named, and grouped by plain columns. */
function parseSummarize(reader: TokenReader): Operator {
  const aggregates = reader.list(() => parseAggregate(reader));
  const by = reader.takeName('by') ? parseNames(reader) : [];
  return { kind: 'summarize', aggregates, by };
}

/** `count()`, `min(Column)` or `max(Column)`; unnamed, it is called as the service calls it. */
function parseAggregate(reader: TokenReader): Aggregate {
  const first = reader.expect('name');
  const isNamed = reader.takeSign('=');
  const word = isNamed ? reader.expect('name') : first;
  const { text: of } = word;
  if (of !== 'count' && of !== 'min' && of !== 'max') throw syntaxError(word);
  reader.expectSign('(');
  const column = of === 'count' ? '' : reader.expect('name').text;
  reader.expectSign(')');
  return { name: isNamed ? first.text : `${of}_${column}`, of, column };
}

/** Descending unless told otherwise. */
function parseOrder(reader: TokenReader): Operator {
  reader.expectName('by');
  const keys = reader.list(() => {
    const column = reader.expect('name').text;
    const ascending = reader.takeName('asc');
    if (!ascending) reader.takeName('desc');
    return { column, descending: !ascending };
  });
  return { kind: 'order', keys };
}

function parseNames(reader: TokenReader): string[] {
  return reader.list(() => reader.expect('name').text);
}
