import { syntaxError } from './refusals.ts';
import type { Position } from './refusals.ts';

/** A word of a query. `end` is where the text is over. */
export interface Token extends Position {
  readonly kind: 'name' | 'string' | 'instant' | 'number' | 'timespan' | 'sign' | 'end';
  /** The content of a string and of `datetime(…)`, anything else as written. */
  readonly text: string;
}

const patterns: readonly (readonly [Token['kind'] | 'blank', RegExp])[] = [
  ['blank', /(?:\s|\/\/[^\n]*)+/uy],
  ['timespan', /\d+(?:\.\d+)?(?:ms|[dhms])(?!\w)/uy],
  ['number', /-?\d+(?:\.(?!\.)\d+)?(?!\w)/uy],
  ['instant', /datetime\([^)\n]*\)/uy],
  ['name', /!?[A-Za-z_]\w*/uy],
  ['string', /@?"[^"\n]*"|@?'[^'\n]*'/uy],
  ['sign', /==|!=|=~|!~|>=|<=|\.\.|[|<>(),;=]/uy],
];

/** Splits a query into words. Throws the service's syntax error at the first character that begins none. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const { kind, text } = wordAt(query, at);
    if (kind !== 'blank')
      tokens.push({ kind, text: contentOf(kind, text), ...place(query, at, text) });
    at += text.length;
  }
  return [...tokens, { kind: 'end', text: '', ...place(query, at, '<EOF>') }];
}

function wordAt(query: string, at: number): { kind: Token['kind'] | 'blank'; text: string } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(query)?.[0];
    if (text !== undefined) return { kind, text };
  }
  throw syntaxError(place(query, at, query[at] ?? ''));
}

function contentOf(kind: Token['kind'], text: string): string {
  if (kind === 'instant') return text.slice('datetime('.length, -1).replaceAll(/["']/gu, '').trim();
  if (kind !== 'string') return text;
  const verbatim = text.startsWith('@');
  const content = text.slice(verbatim ? 2 : 1, -1);
  return verbatim ? content : content.replaceAll(/\\(.)/gu, '$1');
}

function place(query: string, at: number, token: string): Position {
  const before = query.slice(0, at).split('\n');
  return { line: before.length, pos: before.at(-1)?.length ?? 0, token };
}
