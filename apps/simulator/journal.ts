import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { cutTornTail } from './torn-tail.ts';

/** Collection, lower-case id, and the new value; `null` removes the document. */
export type JournalOperation = readonly [collection: string, key: string, value: object | null];

/**
 * The append-only file behind the store: one JSON line per transaction, handed to the operating system before the
 * answer goes out, so that a killed process comes back to what it had answered.
 */
export class Journal {
  readonly #file: number;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a+');
  }

  /** Feeds every stored operation to `apply`. A line cut short by a crash is removed, with a warning on stderr. */
  replay(apply: (operation: JournalOperation) => void): void {
    cutTornTail(this.#path);
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      for (const operation of this.#parse(line, index + 1)) apply(operation);
    }
  }

  /** Appends one transaction. Nothing is written for an empty one. */
  append(operations: readonly JournalOperation[]): void {
    if (operations.length === 0) return;
    writeSync(this.#file, `${JSON.stringify(operations)}\n`);
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #parse(line: string, number: number): JournalOperation[] {
    try {
      return JSON.parse(line) as JournalOperation[];
    } catch (error) {
      throw new Error(`reading ${this.#path}: line ${number} is not a journal line`, {
        cause: error,
      });
    }
  }
}
