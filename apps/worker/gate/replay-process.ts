import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';

import { createLazyConnection } from '#libs/temporal/connection.ts';
import { toTemporalSettings } from '#libs/temporal/environment.ts';
import { readHistory, type OpenWorkflow } from '#libs/temporal/open-workflows.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';

import { readConfig } from '../config.ts';
import { readReason } from './read-reason.ts';
import type { Divergence, ReplayOrder, ReplayReport } from './replay-report.ts';

/** The side process of the replay gate: one order in, one report out, and gone with the worker. */
process.once('disconnect', () => process.exit());
process.once('message', (order: ReplayOrder) => {
  void replay(order).then((report) => process.send?.(report));
});

async function replay({ bundle, workflows }: ReplayOrder): Promise<ReplayReport> {
  // A divergence is told in the report, not in the log of a worker that does not exist.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { filter } }, shutdownSignals: [] });
  const settings = toTemporalSettings(readConfig());
  const connection = createLazyConnection(settings);
  const { namespace } = settings;
  const client = createWorkflowClient({ connection, namespace }, { virtualTime: false });
  let checked = 0;
  async function* histories() {
    for (const open of workflows) {
      const history = await readHistory(client, open);
      if (history !== undefined) yield { workflowId: open.workflowId, history };
    }
  }
  const diverged: Divergence[] = [];
  const options = { workflowBundle: { codePath: bundle } };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    checked += 1;
    if (error === undefined) continue;
    const workflowType = typeOf(workflowId, workflows);
    diverged.push({ workflowId, workflowType, reason: readReason(error.message) });
  }
  await connection.close();
  return { checked, diverged };
}

const typeOf = (workflowId: string, workflows: readonly OpenWorkflow[]): string =>
  workflows.find((open) => open.workflowId === workflowId)?.type ?? 'unknown';
