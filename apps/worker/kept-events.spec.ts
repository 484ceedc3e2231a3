import { describe, expect, it } from 'vitest';

import type { Ledger } from '#libs/ledger/ledger.ts';
import { createLogger } from '#libs/telemetry/logger.ts';

import { tellingLedger } from './kept-events.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';
import { RequestTrail } from './request-trail.ts';
import { meterUnderTest, sampleOperation } from './worker-events.ts';

/** A ledger in memory that tells. */
function ledgerUnderTest(metrics: WorkerMetrics = createWorkerMetrics(meterUnderTest().meter)) {
  const kept = new Set<number>();
  const inner: Ledger = {
    append: async (events) =>
      events.filter(({ seq }) => {
        const isFresh = !kept.has(seq);
        kept.add(seq);
        return isFresh;
      }),
    read: async () => sampleOperation.filter(({ seq }) => kept.has(seq)),
    readOperation: async () => [],
    verifyChain: async () => ({ intact: true, length: 0, head: '' }),
    stretch: async () => undefined,
    lastPassedBundle: async () => undefined,
    keepPassedBundle: async () => {},
    close: async () => {},
  };
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = createLogger({ service: 'worker', destination: { write } });
  const trail = new RequestTrail();
  return { lines, trail, ledger: tellingLedger(inner, { metrics, logger, trail }) };
}

describe('a ledger that tells', () => {
  it('logs a verified step with its operation, attempt and the ids of its requests', async () => {
    const { ledger, lines, trail } = ledgerUnderTest();
    await ledger.append(sampleOperation.slice(0, 4));
    trail.note('operation/o-1', 'azure-1', 1);
    trail.note('operation/o-1', 'azure-2', 3);
    await ledger.append(sampleOperation.slice(4, 5));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'Step verified',
      operationId: 'o-1',
      workflowId: 'operation/o-1',
      step: 'vault',
      seconds: 90,
      attempt: 3,
      azureRequestIds: ['azure-1', 'azure-2'],
    });
  });

  it('tells nothing of a batch that is repeated', async () => {
    const { meter, recorded } = meterUnderTest();
    const { ledger, lines } = ledgerUnderTest(createWorkerMetrics(meter));
    await ledger.append(sampleOperation);
    const told = [lines.length, recorded.length];
    await ledger.append(sampleOperation);
    expect([lines.length, recorded.length]).toEqual(told);
  });

  it('keeps what it is given though telling fails, and says so', async () => {
    const failing = {
      kept: () => {
        throw new Error('no meter');
      },
      exchanged: () => {},
    };
    const { ledger, lines } = ledgerUnderTest(failing);
    expect(await ledger.append(sampleOperation)).toEqual(sampleOperation);
    expect(lines[0]).toMatchObject({ level: 'error', err: { message: 'no meter' } });
  });
});
