import { syntaxError } from './refusals.ts';
import type { Token } from './tokens.ts';

/** Reads words one after the other; every `expect` throws the service's syntax error at another word. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** The last token must be the end. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  next(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error('reading a query: it has no end');
    return token;
  }

  take(): Token {
    const token = this.next();
    this.#at += 1;
    return token;
  }

  expect(kind: Token['kind']): Token {
    const token = this.take();
    if (token.kind !== kind) throw syntaxError(token);
    return token;
  }

  expectSign(text: string): void {
    const token = this.expect('sign');
    if (token.text !== text) throw syntaxError(token);
  }

  expectName(text: string): void {
    const token = this.expect('name');
    if (token.text !== text) throw syntaxError(token);
  }

  takeSign(text: string): boolean {
    return this.#takeIf('sign', text);
  }

  takeName(text: string): boolean {
    return this.#takeIf('name', text);
  }

  /** One or more, with commas between. */
  list<T>(read: () => T): T[] {
    const values = [read()];
    while (this.takeSign(',')) values.push(read());
    return values;
  }

  #takeIf(kind: Token['kind'], text: string): boolean {
    const { kind: found, text: word } = this.next();
    if (found !== kind || word !== text) return false;
    this.#at += 1;
    return true;
  }
}
