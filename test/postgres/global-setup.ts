import { findPostgres } from './postgres-server.ts';

/** Says it loudly when there is no PostgreSQL: then nothing here is tested. */
export function setup(): void {
  if (findPostgres() !== undefined) return;
  const line = '!'.repeat(78);
  process.stderr.write(
    `${line}\nNo PostgreSQL is installed: NOTHING OF test/postgres IS TESTED.\nInstall Debian's postgresql, or put initdb and postgres on the PATH.\n${line}\n`,
  );
}
