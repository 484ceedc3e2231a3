import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { ToolsConfig } from '../config.ts';
import { projectRoot } from '../project.ts';

const run = promisify(execFile);

/** The official server's release that the settings and the tests are made for. */
export const serverVersion = '1.32.1';
const serverModule = `go.temporal.io/server/cmd/server@v${serverVersion}`;

/** The first `temporal` whose built-in server knows everything the product uses. */
const cliVersion = { major: 1, minor: 9 };

/** Something that can be started as a Temporal server. */
export interface ServerProgram {
  readonly kind: 'cli' | 'server';
  readonly path: string;
}

export interface Search {
  readonly config: ToolsConfig;
  /** Where the project keeps programs it has built. */
  readonly cacheFolder?: string;
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
export async function findOwnServer({ config, cacheFolder, tell }: Search): Promise<ServerProgram> {
  const folder = cacheFolder ?? join(projectRoot, '.cache', 'bin');
  const path = join(folder, 'server');
  if (existsSync(path) && (await versionOf(path)) === serverVersion)
    return { kind: 'server', path };
  if (findOnPath('go', config.path) === undefined) {
    throw new Error(
      'No Temporal server: install Go 1.26.8 or later, or put `temporal` 1.9 or later on the PATH, or set TEMPORAL_ADDRESS.',
    );
  }
  tell(`Building the Temporal server ${serverVersion} with Go, once; this takes some minutes`);
  await mkdir(folder, { recursive: true });
  try {
    await run('go', ['install', '-trimpath', '-ldflags', '-s -w', serverModule], {
      env: { ...config.environment, CGO_ENABLED: '0', GOBIN: folder },
    });
  } catch (error) {
    throw new Error(
      `Building the Temporal server failed; go needs version 1.26.8 or later and a module proxy it can reach. It said: ${lastLine(error)}`,
      { cause: error },
    );
  }
  return { kind: 'server', path };
}

async function findCli({ config, tell }: Search): Promise<ServerProgram | undefined> {
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

function lastLine(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return stderr?.trim().split('\n').at(-1) ?? String(error);
}
