import { activityInfo } from '@temporalio/activity';

import { createAzure, type Azure } from '#libs/azure/azure.ts';
import { createCredential } from '#libs/azure/credential.ts';
import { createDial, readSimulatorFile } from '#libs/dial/dial.ts';

import { noteForLog } from './activity-log.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerMetrics } from './metrics.ts';

/** Opens the door to Azure, or to the simulator when one is named. */
export function openAzure(config: WorkerConfig, metrics: WorkerMetrics): Azure {
  const {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  } = config;
  const dial =
    config.KEYTURN_SIMULATOR === undefined
      ? undefined
      : createDial(readSimulatorFile(config.KEYTURN_SIMULATOR));
  const credential =
    tenantId !== undefined && clientId !== undefined && clientSecret !== undefined
      ? createCredential({ kind: 'client-secret', tenantId, clientId, clientSecret }, dial)
      : createCredential({ kind: 'default' }, dial);
  return createAzure({
    credential,
    onExchange(exchange) {
      metrics.exchanged(exchange);
      noteForLog(exchange);
    },
    ...(dial === undefined ? {} : { dial }),
    ...(config.KEYTURN_VIRTUAL_TIME ? { extraHeaders: simulatedTime } : {}),
  });
}

/** The instant an attempt was scheduled at is its workflow's virtual time. */
const simulatedTime = (): Record<string, string> => ({
  'x-simulated-time': String(activityInfo().currentAttemptScheduledTimestampMs),
});
