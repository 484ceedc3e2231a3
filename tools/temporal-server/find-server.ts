import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../processes/child.ts';
import type { ToolsConfig } from '../config.ts';
import { projectRoot } from '../project.ts';

const run = promisify(execFile);

/** The official server's release that the settings and the tests are made for. */
export const serverVersion = '1.32.1';
const serverModule = `go.temporal.io/server/cmd/server@v${serverVersion}`;
const schemaToolModule = `go.temporal.io/server/cmd/tools/sql@v${serverVersion}`;

/** The first `temporal` whose built-in server knows everything the product uses. */
const cliVersion = { major: 1, minor: 9 };
/** The same for messages. */
export const cliNeeded = '`temporal` 1.9 or later on the PATH';

/** Something that can be started as a Temporal server. */
export interface ServerProgram {
  readonly kind: 'cli' | 'server';
  readonly path: string;
}

export interface Search {
  readonly config: ToolsConfig;
  /** Where the project keeps programs it has built. */
  readonly cacheFolder?: string;
  /** Aborted: a build that is under way is given up. */
  readonly signal?: AbortSignal;
  /** Tells people what takes long. */
  readonly tell: (message: string) => void;
}

/** The friendlier of the two for people: `temporal` if they have it, else the project's own server. */
export async function findServer(search: Search): Promise<ServerProgram> {
  return (await findCli(search)) ?? (await findOwnServer(search));
}

/**
 * The official server, built once by Go into the project's cache.
 * @throws with one sentence and the remedy when it can not be had.
 */
export async function findOwnServer(search: Search): Promise<ServerProgram> {
  const folder = search.cacheFolder ?? join(projectRoot, '.cache', 'bin');
  const server = { name: 'server', title: 'the Temporal server', module: serverModule };
  return { kind: 'server', path: await findBuilt(folder, server, search) };
}

/**
 * The official tool that makes the schema of a Temporal on PostgreSQL, of the server's release, built likewise.
 * @throws with one sentence and the remedy when it can not be had.
 */
export async function findSchemaTool(search: Search): Promise<string> {
  const folder = search.cacheFolder ?? join(projectRoot, '.cache', 'bin');
  const tool = { name: 'sql', title: "Temporal's schema tool", module: schemaToolModule };
  return await findBuilt(folder, tool, search);
}

/** A program of the server's module. */
interface Built {
  /** What Go calls its binary. */
  readonly name: string;
  readonly title: string;
  readonly module: string;
}

async function findBuilt(folder: string, program: Built, search: Search): Promise<string> {
  const path = join(folder, program.name);
  const isBuilt = existsSync(path) && (await versionOf(path)) === serverVersion;
  if (!isBuilt) await build(folder, program, search);
  return path;
}

async function build(
  folder: string,
  { title, module }: Built,
  { config, signal, tell }: Search,
): Promise<void> {
  const go = findOnPath('go', config.path);
  if (go === undefined) {
    throw new Error(
      `No Temporal server: install Go 1.26.8 or later, or put ${cliNeeded}, or set TEMPORAL_ADDRESS.`,
    );
  }
  tell(`Building ${title} ${serverVersion} with Go, once; this takes some minutes`);
  await mkdir(folder, { recursive: true });
  const { code, lastLines } = await startChild({
    name: 'go',
    command: go,
    args: ['install', '-trimpath', '-ldflags', '-s -w', module],
    env: { ...config.environment, CGO_ENABLED: '0', GOBIN: folder },
    log: tell,
    ...(signal !== undefined && { signal }),
  }).ended;
  if (code === 0) return;
  throw new Error(
    `Building ${title} failed: Go must be 1.26.8 or later and reach a module proxy; it said: ${lastLines.at(-1) ?? 'nothing'}`,
  );
}

/** The `temporal` that people have installed; undefined when there is none, or only an older one. */
export async function findCli({
  config,
  tell,
}: Pick<Search, 'config' | 'tell'>): Promise<ServerProgram | undefined> {
  const path = findOnPath('temporal', config.path);
  if (path === undefined) return undefined;
  const version = await versionOf(path);
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isKnown = major === cliVersion.major && minor >= cliVersion.minor;
  if (isKnown) return { kind: 'cli', path };
  tell(`Leaving ${path} aside: it is version ${version ?? 'unknown'}, and 1.9 or later is needed`);
  return undefined;
}

function findOnPath(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((candidate) => existsSync(candidate));
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version']);
    return /version (\d+\.\d+\.\d+)/u.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
