import type { Logger } from 'pino';

import type { DomainEvent } from '#libs/domain/events.ts';
import type { Ledger } from '#libs/ledger/ledger.ts';

import { secondsBetween, type WorkerMetrics } from './metrics.ts';
import type { RequestTrail } from './request-trail.ts';

/** Who is told of what is newly kept. */
export interface Listeners {
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly trail: RequestTrail;
}

/** The ledger, which also tells what it keeps for the first time: a repeated batch is not told again. */
export function tellingLedger(ledger: Ledger, listeners: Listeners): Ledger {
  return {
    read: async (stream, fromSeq) => ledger.read(stream, fromSeq),
    readOperation: async (operationId) => ledger.readOperation(operationId),
    verifyChain: async (chain) => ledger.verifyChain(chain),
    stretch: async (of, atMost) => ledger.stretch(of, atMost),
    lastPassedBundle: async () => ledger.lastPassedBundle(),
    keepPassedBundle: async (hash) => ledger.keepPassedBundle(hash),
    close: async () => ledger.close(),
    async append(events) {
      const fresh = await ledger.append(events);
      // What is kept is kept: whatever goes wrong with telling must not make it be sent again.
      await tell(fresh, ledger, listeners).catch((err: unknown) => {
        listeners.logger.error({ err }, 'Telling what was kept failed');
      });
      return fresh;
    },
  };
}

async function tell(
  fresh: readonly DomainEvent[],
  ledger: Ledger,
  { metrics, logger, trail }: Listeners,
): Promise<void> {
  for (const [stream, news] of Map.groupBy(fresh, (event) => event.stream)) {
    const whole = await ledger.read(stream);
    metrics.kept(news, whole);
    for (const event of news) logEvent(event, whole, { logger, trail });
  }
}

/** One line for each step that is done, each call for a person, and each end. */
function logEvent(
  event: DomainEvent,
  whole: readonly DomainEvent[],
  { logger, trail }: Pick<Listeners, 'logger' | 'trail'>,
): void {
  const { stream: workflowId, operationId, cluster } = event;
  const about = { operationId, workflowId, cluster };
  if (event.type === 'StepVerified') {
    const { step, detail } = event.data;
    const began = whole.findLast(
      (earlier) => earlier.type === 'StepStarted' && earlier.data.step === step,
    );
    const took = began === undefined ? {} : { seconds: secondsBetween(began, event) };
    logger.info({ ...about, step, detail, ...took, ...trail.take(workflowId) }, 'Step verified');
  } else if (event.type === 'AttentionRaised') {
    const { step, reason, seen } = event.data;
    logger.warn({ ...about, step, reason, seen, ...trail.take(workflowId) }, 'A person is needed');
  } else if (event.type === 'OperationEnded') {
    const { result, summary } = event.data.outcome;
    logger.info({ ...about, result, summary, ...trail.take(workflowId) }, 'Operation ended');
  }
}
