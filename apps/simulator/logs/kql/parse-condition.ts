import type { Condition, Literal } from './query.ts';
import { syntaxError } from './refusals.ts';
import type { TokenReader } from './token-reader.ts';
import type { Token } from './tokens.ts';

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const comparisons: readonly string[] = [
  '==',
  '!=',
  '=~',
  '!~',
  '>',
  '>=',
  '<',
  '<=',
  'contains',
  '!contains',
  'has',
  '!has',
  'startswith',
  'endswith',
];

/** `or` binds weaker than `and`; parentheses may group. `now` is epoch ms. */
export function parseCondition(reader: TokenReader, now: number): Condition {
  let left = parseAnd(reader, now);
  while (reader.takeName('or')) left = { kind: 'or', left, right: parseAnd(reader, now) };
  return left;
}

function parseAnd(reader: TokenReader, now: number): Condition {
  let left = parseTerm(reader, now);
  while (reader.takeName('and')) left = { kind: 'and', left, right: parseTerm(reader, now) };
  return left;
}

function parseTerm(reader: TokenReader, now: number): Condition {
  if (reader.takeSign('(')) {
    const inner = parseCondition(reader, now);
    reader.expectSign(')');
    return inner;
  }
  const column = reader.expect('name').text;
  const word = reader.take();
  const values = parseOperands(reader, { word, now });
  return { kind: 'compare', column, comparison: word.text, values };
}

function parseOperands(
  reader: TokenReader,
  { word, now }: { word: Token; now: number },
): Literal[] {
  const literal = () => parseLiteral(reader, now);
  if (word.kind === 'name' && word.text === 'between') {
    reader.expectSign('(');
    const low = literal();
    reader.expectSign('..');
    const high = literal();
    reader.expectSign(')');
    return [low, high];
  }
  if (word.kind === 'name' && ['in', '!in'].includes(word.text)) {
    reader.expectSign('(');
    const values = reader.list(literal);
    reader.expectSign(')');
    return values;
  }
  if (!comparisons.includes(word.text) || word.kind === 'string') throw syntaxError(word);
  return [literal()];
}

function parseLiteral(reader: TokenReader, now: number): Literal {
  const token = reader.take();
  switch (token.kind) {
    case 'string':
      return { type: 'string', value: token.text };
    case 'number':
      return { type: 'number', value: Number(token.text) };
    case 'timespan':
      return { type: 'timespan', value: timespanMs(token) };
    case 'instant':
      return { type: 'datetime', value: instantOf(token) };
    case 'name':
      return parseNamed(reader, { token, now });
    default:
      throw syntaxError(token);
  }
}

/** `true`, `false`, `now()` and `ago(1h)`. */
function parseNamed(reader: TokenReader, { token, now }: { token: Token; now: number }): Literal {
  if (['true', 'false'].includes(token.text)) return { type: 'bool', value: token.text === 'true' };
  if (!['now', 'ago'].includes(token.text)) throw syntaxError(token);
  reader.expectSign('(');
  const before = token.text === 'ago' ? timespanMs(reader.expect('timespan')) : 0;
  reader.expectSign(')');
  return { type: 'datetime', value: now - before };
}

function timespanMs({ text }: Token): number {
  const [, amount = '0', unit = ''] = /^([\d.]+)(\D+)$/u.exec(text) ?? [];
  return Number(amount) * (unitsMs[unit] ?? 0);
}

function instantOf(token: Token): number {
  const value = Date.parse(token.text);
  if (Number.isNaN(value)) throw syntaxError(token);
  return value;
}

/** A whole number of rows. */
export function parseInteger(reader: TokenReader): number {
  const token = reader.expect('number');
  const value = Number(token.text);
  if (!Number.isInteger(value) || value < 0) throw syntaxError(token);
  return value;
}
