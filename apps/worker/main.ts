import {
  createAzureActivities,
  createKeyEntityActivities,
  createLedgerActivities,
} from '#activities/index.ts';
import { inspectAllId, taskQueues } from '#libs/contracts/temporal.ts';
import { rulePacks } from '#libs/domain/service-rules.ts';
import { openLedger } from '#libs/ledger/open-ledger.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import { toTemporalSettings } from '#libs/temporal/environment.ts';
import { ensureSchedule } from '#libs/temporal/schedule.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';
import { createLogger } from '#libs/telemetry/logger.ts';

import { openAzure } from './azure.ts';
import { bundlePath } from './bundle-workflows.ts';
import { readConfig, readProbe } from './config.ts';
import { openFleet } from './fleet.ts';
import { passReplayGate } from './gate/replay-gate.ts';
import { openKeyEntities } from './key-entities.ts';
import { tellingLedger } from './kept-events.ts';
import { createWorkerMetrics } from './metrics.ts';
import { RequestTrail } from './request-trail.ts';
import { installRuntime } from './runtime.ts';
import { startWorkers } from './workers.ts';

const inspections = {
  id: inspectAllId,
  workflowType: 'inspectAll',
  taskQueue: taskQueues.workflows,
} as const;

const config = readConfig();
const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL });
const metrics = createWorkerMetrics(installRuntime(config, logger));
const trail = new RequestTrail();
const kept = openLedger(config.KEYTURN_LEDGER);
const bundle = config.KEYTURN_WORKFLOW_BUNDLE ?? bundlePath;
await passReplayGate({ bundle, temporal: toTemporalSettings(config), ledger: kept, logger });

const ledger = tellingLedger(kept, { metrics, logger, trail });
const azure = openAzure(config, metrics);
const probe = readProbe(config);
const { KEYTURN_IMPORT_FOLDER: importFolder, KEYTURN_AUDIT_WORKSPACE: workspaceId } = config;
const temporal = toTemporalSettings(config);
const { namespace } = temporal;
const connection = createLazyConnection(temporal);
const client = createWorkflowClient({ connection, namespace }, { virtualTime: false });
const workers = await startWorkers(config, {
  bundle,
  azure: createAzureActivities({
    azure,
    rules: rulePacks[config.KEYTURN_RULES],
    fleet: openFleet(client),
    ...(probe === undefined ? {} : { probe }),
    ...(workspaceId === undefined ? {} : { audit: { workspaceId } }),
    ...(importFolder === undefined ? {} : { importFolder }),
  }),
  ledger: createLedgerActivities(ledger),
  keys: createKeyEntityActivities(openKeyEntities(client)),
  trail,
});

// A second signal while draining changes nothing: work in flight is never cut short by impatience.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => workers.drain());
try {
  const everyMinutes = config.KEYTURN_INSPECT_MINUTES;
  await ensureSchedule(connection, { ...inspections, namespace, everyMinutes });
} catch (error) {
  // People's own work goes on without it, and the next start makes it.
  logger.error({ err: error }, 'making the schedule of inspections: it could not be made');
}
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
try {
  await workers.ended;
} finally {
  await connection.close();
  await ledger.close();
}
