import { createAzureActivities, createLedgerActivities } from '#activities/index.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';
import { openSqliteLedger } from '#libs/ledger/sqlite-ledger.ts';
import { createLogger } from '#libs/telemetry/logger.ts';

import { openAzure } from './azure.ts';
import { readConfig, readProbe } from './config.ts';
import { startWorkers } from './workers.ts';

const config = readConfig();
const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL });
const ledger = openSqliteLedger(config.KEYTURN_LEDGER);
const azure = openAzure(config);
const probe = readProbe(config);
const { KEYTURN_IMPORT_FOLDER: importFolder } = config;
const workers = await startWorkers(config, logger, {
  azure: createAzureActivities({
    azure,
    rules: rulePacks[config.KEYTURN_RULES],
    ...(probe === undefined ? {} : { probe }),
    ...(importFolder === undefined ? {} : { importFolder }),
  }),
  ledger: createLedgerActivities(ledger),
});

// A second signal while draining changes nothing: work in flight is never cut short by impatience.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => workers.drain());
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
try {
  await workers.ended;
} finally {
  await ledger.close();
}
