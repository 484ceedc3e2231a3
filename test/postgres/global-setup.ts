import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectRoot } from '../../tools/project.ts';
import { findPostgres } from './postgres-server.ts';

const run = promisify(execFile);

/** Compiles what the specs start as processes; without a PostgreSQL it says loudly that nothing here is tested. */
export async function setup(): Promise<void> {
  if (findPostgres() !== undefined) {
    await run('npm', ['run', '--silent', 'build'], { cwd: projectRoot });
    return;
  }
  const line = '!'.repeat(78);
  process.stderr.write(
    `${line}\nNo PostgreSQL is installed: NOTHING OF test/postgres IS TESTED.\nInstall Debian's postgresql, or put initdb and postgres on the PATH.\n${line}\n`,
  );
}
