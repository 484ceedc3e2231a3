import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';

import { taskQueues } from '#libs/contracts/temporal.ts';
import type { Ledger } from '#libs/ledger/ledger.ts';
import { createLazyConnection } from '#libs/temporal/connection.ts';
import type { TemporalSettings } from '#libs/temporal/connection.ts';
import { listOpenWorkflows } from '#libs/temporal/open-workflows.ts';
import { createWorkflowClient } from '#libs/temporal/workflow-client.ts';

import { BuildRefused } from './build-refused.ts';
import { checkOpen } from './check-open.ts';
import { replayAside } from './replay-aside.ts';
import type { ReplayReport } from './replay-report.ts';

/** Visibility shows within a second what has begun. */
const visibilityLagMs = 1_000;

/** What the gate stands before. */
export interface Build {
  /** Path of the workflow bundle. */
  readonly bundle: string;
  readonly temporal: TemporalSettings;
  readonly ledger: Pick<Ledger, 'lastPassedBundle' | 'keepPassedBundle'>;
  readonly logger: Logger;
}

/**
 * Lets a build serve only when it goes on from what is open: a workflow that waits for weeks must not find
 * code that does otherwise than the code it began with. A build that has passed is checked again only after
 * another has: taking a release back is a change of code too. A ledger that is away stops nothing: what it
 * does not say is looked at.
 * @throws BuildRefused naming the workflows it does not go on from
 */
export async function passReplayGate({ bundle, temporal, ledger, logger }: Build): Promise<void> {
  const hash = createHash('sha256')
    .update(await readFile(bundle))
    .digest('hex');
  const last = await ledger.lastPassedBundle().catch((err: unknown) => {
    logger.warn({ err }, 'The ledger does not say which build passed last: this one is checked');
    return undefined;
  });
  if (last === hash) return;
  const startedAt = performance.now();
  const { checked, diverged } = await checkAll(bundle, temporal, logger);
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  const about = { bundle: hash, histories: checked, seconds };
  for (const divergence of diverged) {
    logger.fatal({ ...about, ...divergence }, 'This build does not go on from an open workflow');
  }
  if (diverged.length > 0) throw new BuildRefused(checked, diverged);
  await ledger.keepPassedBundle(hash).catch((err: unknown) => {
    logger.warn(
      { err },
      'The ledger does not keep that this build has passed: it is checked again',
    );
  });
  logger.info(about, 'This build goes on from what is open');
}

async function checkAll(
  bundle: string,
  temporal: TemporalSettings,
  logger: Logger,
): Promise<ReplayReport> {
  const connection = createLazyConnection(temporal);
  const { namespace } = temporal;
  const client = createWorkflowClient({ connection, namespace }, { virtualTime: false });
  try {
    return await checkOpen({
      list: async () => listOpenWorkflows(client, taskQueues.workflows),
      async replay(workflows) {
        logger.info({ histories: workflows.length }, 'Replaying open workflows before serving');
        return await replayAside({ bundle, workflows });
      },
      pause: async () => setTimeout(visibilityLagMs),
    });
  } finally {
    await connection.close();
  }
}
