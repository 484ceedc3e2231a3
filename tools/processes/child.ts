import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** How the process is called in logs and messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Knows the line of JSON on standard output that says the process is ready; absent, none is. */
  readonly isReady?: (answer: unknown) => boolean;
  /** Aborted: the process is stopped, and none is started any more. */
  readonly signal?: AbortSignal;
  /** Takes each line the process writes on either stream, except its ready line. */
  readonly log: (line: string) => void;
}

/** A running process of the stack. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended and its output is read. Never rejects. */
  readonly ended: Promise<Ending>;
  /**
   * The line by which the process said it is ready, parsed.
   * @throws when the process ends first, or says nothing within the time.
   */
  ready(withinMs: number): Promise<unknown>;
  /** SIGTERM, then SIGKILL if it takes longer than `graceMs`. Does nothing to an ended process. */
  stop(graceMs: number): Promise<Ending>;
  /** SIGKILL: what a crash looks like. */
  kill(): Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote, for messages about an end nobody asked for. */
  readonly lastLines: readonly string[];
}

/**
 * Every process runs beside a guard that waits on a pipe held by us. When we vanish, SIGKILL included,
 * the pipe ends and the guard ends the process: SIGTERM first, five seconds later SIGKILL for the whole
 * group. The shell then becomes the command itself, so its pid and signals are the command's own.
 */
const guarded = `
(
  while read -r _ <&3; do :; done
  kill -TERM "$$"
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; kill -0 "$$" || exit 0; done
  kill -s KILL -- "-$$"
) >/dev/null 2>&1 </dev/null &
exec "$@" 3<&-`;

const keptLines = 20;
/** Whoever aborts is in a hurry. */
const abortGraceMs = 5_000;

/** Starts a process in its own group: Ctrl-C in a terminal reaches us alone, and we stop it in order. */
export function startChild(options: ChildOptions): Child {
  const { name, command, args, env, cwd, signal } = options;
  signal?.throwIfAborted();
  const running = spawn('/bin/sh', ['-c', guarded, name, command, ...args], {
    env,
    ...(cwd !== undefined && { cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr] = running.stdio;
  const { pid } = running;
  if (pid === undefined || stdout === null || stderr === null)
    throw new Error(`starting ${name}: /bin/sh does not start`);

  const lastLines: string[] = [];
  const log = (line: string) => {
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    options.log(line);
  };
  const answer = Promise.withResolvers<unknown>();
  forEachLine(stderr, log);
  forEachLine(stdout, (line) => {
    const said = parseJson(line);
    if (said !== undefined && options.isReady?.(said) === true) answer.resolve(said);
    else log(line);
  });

  const ended = once(running, 'close').then(([code, signal]): Ending => ({
    code,
    signal,
    lastLines,
  }));
  // Takes the guard along, and whatever the process has left behind in its group.
  running.once('exit', () => signalGroup(pid, 'SIGKILL'));

  const stop = async (graceMs: number) => endWith(running, ended, { signal: 'SIGTERM', graceMs });
  const kill = async () => endWith(running, ended, { signal: 'SIGKILL', graceMs: 0 });
  signal?.addEventListener('abort', () => void stop(abortGraceMs), { once: true });

  const ready = async (withinMs: number) =>
    untilReady({ name, answer: answer.promise, ended, withinMs });
  return { name, pid, ended, ready, stop, kill };
}

/** An ending in words, for people. */
export function describeEnding(ending: Ending): string {
  const how = ending.signal === null ? `with code ${ending.code}` : `by ${ending.signal}`;
  const said = ending.lastLines.map((line) => `\n    ${line}`).join('');
  return said === '' ? `${how}, without a word` : `${how}; its last lines:${said}`;
}

interface Readiness {
  readonly name: string;
  readonly answer: Promise<unknown>;
  readonly ended: Promise<Ending>;
  readonly withinMs: number;
}

async function untilReady({ name, answer, ended, withinMs }: Readiness): Promise<unknown> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`starting ${name}: not ready within ${withinMs / 1_000} s`));
  }, withinMs);
  const early = ended.then((ending) => {
    throw new Error(`starting ${name}: it ended ${describeEnding(ending)}`);
  });
  try {
    return await Promise.race([answer, early, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

type Running = ReturnType<typeof spawn>;

async function endWith(
  running: Running,
  ended: Promise<Ending>,
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<Ending> {
  running.kill(signal);
  if (signal === 'SIGKILL') return ended;
  const timer = setTimeout(() => running.kill('SIGKILL'), graceMs);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group is empty: guard and process are gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function forEachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', take);
}

function parseJson(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
