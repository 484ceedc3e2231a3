import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import pc from 'picocolors';

/** Where the command line speaks: standard output is data, standard error is talk. */
export interface Terminal {
  /** Lines of data. */
  readonly print: (...lines: readonly string[]) => void;
  /** Lines for people. */
  readonly talk: (...lines: readonly string[]) => void;
  /** Colours of each stream; plain where it is no terminal or NO_COLOR is set. */
  readonly colours: { readonly print: Colours; readonly talk: Colours };
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Asks a person for a line. */
  ask(question: string): Promise<string>;
  /** Asks for a line that is not shown. */
  askSecret(question: string): Promise<string>;
  /** Everything on standard input. */
  readonly readInput: () => string;
  /** Aborted by Ctrl-C. Until it is asked for, Ctrl-C ends the process at once. */
  interruption(): AbortSignal;
}

export type Colours = ReturnType<typeof pc.createColors>;

/** The terminal of this process. */
export function createTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader that has seen enough, like `head`, closes the pipe: nothing is wrong then.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  return {
    print: (...lines) => writeLines(stdout, lines),
    talk: (...lines) => writeLines(stderr, lines),
    colours: { print: coloursOf(stdout), talk: coloursOf(stderr) },
    isInteractive: stdin.isTTY && stderr.isTTY,
    ask: async (question) => askOn(stderr, question),
    askSecret,
    readInput: () => readFileSync(0, 'utf8'),
    interruption: () => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      return stop.signal;
    },
  };
}

function writeLines(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  for (const line of lines) stream.write(`${line}\n`);
}

const coloursOf = (stream: NodeJS.WriteStream): Colours =>
  pc.createColors(stream.isTTY && pc.isColorSupported);

async function askOn(output: NodeJS.WritableStream, question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  // The line editor echoes to its output: this one shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await askOn(nowhere, '');
  process.stderr.write('\n');
  return answer;
}
