import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { readToolsConfig } from '../../tools/config.ts';
import { describeEnding, startChild } from '../../tools/processes/child.ts';
import type { Child } from '../../tools/processes/child.ts';
import { findFreePorts } from '../../tools/temporal-server/free-ports.ts';

const run = promisify(execFile);

/** Where Debian puts the programs of PostgreSQL, which are not all on the PATH. */
const debianFolder = '/usr/lib/postgresql';
const readyWithinMs = 60_000;
const password = 'only-for-this-test';

/** A PostgreSQL of a test's own, on data that goes when it stops. */
export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** URL of one of its databases. */
  url(database: string): string;
  /** Stops it as a crash does: nothing is written out, and the next start recovers. */
  crash(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder with PostgreSQL's programs, the newest version first; undefined when there is none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  const debian = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'));
  const onPath = readToolsConfig().path.split(delimiter);
  return [...debian, ...onPath].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

/** Makes a database cluster and starts its server on a free loopback port. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('starting PostgreSQL: it is not installed');
  const user = await otherUser();
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-postgres-'));
  await makeCluster(programs, folder, user);
  const [port = 0] = await findFreePorts(1);
  const url = (database: string) => `postgres://keyturn:${password}@127.0.0.1:${port}/${database}`;
  let child: Child | undefined;
  const start = async () => {
    child = startServer({ programs, folder, port, user });
    await untilAnswering(child, url('postgres'));
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined) return;
    // SIGTERM would wait for clients to leave: SIGINT sends them away, SIGQUIT drops everything.
    process.kill(child.pid, signal);
    await child.ended;
    child = undefined;
  };
  await start();
  return {
    port,
    user: 'keyturn',
    password,
    url,
    start,
    crash: async () => end('SIGQUIT'),
    stop: async () => {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Somebody whom PostgreSQL accepts: it refuses to run as root. */
interface OtherUser {
  readonly uid: number;
  readonly gid: number;
}

async function otherUser(): Promise<OtherUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string) => {
    const { stdout } = await run('id', [flag, 'postgres']).catch(() => run('id', [flag, 'nobody']));
    return Number(stdout);
  };
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

function asUser(user: OtherUser | undefined, program: string, args: readonly string[]) {
  if (user === undefined) return { command: program, args };
  const self = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  return { command: 'setpriv', args: [...self, program, ...args] };
}

async function makeCluster(
  programs: string,
  folder: string,
  user: OtherUser | undefined,
): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  if (user !== undefined)
    await Promise.all([folder, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  const { command, args } = asUser(user, join(programs, 'initdb'), [
    `--pgdata=${join(folder, 'data')}`,
    '--username=keyturn',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  await run(command, args, { cwd: folder });
}

interface Running {
  readonly programs: string;
  readonly folder: string;
  readonly port: number;
  readonly user: OtherUser | undefined;
}

function startServer({ programs, folder, port, user }: Running): Child {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '200',
    shared_buffers: '64MB',
    // The tests let the server die, not the machine: what it has written is there either way.
    fsync: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args } = asUser(user, join(programs, 'postgres'), [
    '-D',
    join(folder, 'data'),
    ...flags,
  ]);
  const { PATH } = readToolsConfig().environment;
  return startChild({ name: 'postgres', command, args, cwd: folder, env: { PATH }, log: () => {} });
}

async function untilAnswering(child: Child, url: string): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  while (!(await answers(url))) {
    const ending = await Promise.race([child.ended, setTimeout(100)]);
    if (ending !== undefined)
      throw new Error(`starting PostgreSQL: it ended ${describeEnding(ending)}`);
    if (Date.now() > giveUpAt) throw new Error('starting PostgreSQL: not ready within a minute');
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
