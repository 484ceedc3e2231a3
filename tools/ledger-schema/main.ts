import { isDatabaseUrl } from '#libs/ledger/open-ledger.ts';
import { setUpPostgresLedger } from '#libs/ledger/postgres-schema.ts';
import { readToolsConfig } from '../config.ts';

/** Sets up the ledger's tables in the PostgreSQL database at KEYTURN_LEDGER; safe to repeat. */
async function main(): Promise<void> {
  const url = readToolsConfig().environment['KEYTURN_LEDGER'] ?? '';
  if (!isDatabaseUrl(url)) throw new Error('KEYTURN_LEDGER names no PostgreSQL database');
  const version = await setUpPostgresLedger(url);
  process.stdout.write(`${JSON.stringify({ schema: 'keyturn_ledger', version })}\n`);
}

try {
  await main();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`setting up the ledger: ${reason}\n`);
  process.exitCode = 1;
}
