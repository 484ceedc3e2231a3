import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readToolsConfig } from '../../tools/config.ts';
import { findSchemaTool } from '../../tools/temporal-server/find-server.ts';
import type { PostgresServer } from './postgres-server.ts';

const run = promisify(execFile);

/** Makes the two databases of a Temporal server, as libs/ledger/README.md says for production. */
export async function setUpTemporal({ port, user, password }: PostgresServer): Promise<void> {
  const tell = (message: string) => void process.stderr.write(`${message}\n`);
  const tool = await findSchemaTool({ config: readToolsConfig(), tell });
  const env = {
    SQL_PLUGIN: 'postgres12_pgx',
    SQL_HOST: '127.0.0.1',
    SQL_PORT: String(port),
    SQL_USER: user,
    SQL_PASSWORD: password,
  };
  const databases = { temporal: 'temporal', temporal_visibility: 'visibility' };
  for (const [database, schema] of Object.entries(databases)) {
    const inDatabase = async (...args: string[]) => run(tool, ['--db', database, ...args], { env });
    await inDatabase('create');
    await inDatabase('setup-schema', '-v', '0.0');
    await inDatabase('update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
}
