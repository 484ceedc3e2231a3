import type { MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

import type { WorkerConfig } from './config.ts';
import { histogramBuckets } from './metrics.ts';

/**
 * Sets the SDK up for this process, before anything else touches it: our log, our ways to stop, and metrics
 * where Prometheus is to read them. Gives the meter that our own metrics are counted on.
 * @throws when the address for metrics is taken
 */
export function installRuntime(config: WorkerConfig, logger: Logger): MetricMeter {
  const { KEYTURN_METRICS_ADDRESS: bindAddress } = config;
  // The process drains by itself; Temporal's own signal handlers would cut in.
  const runtime = Runtime.install({
    shutdownSignals: [],
    logger: bridge(logger),
    ...(bindAddress !== undefined && {
      telemetryOptions: {
        metrics: {
          prometheus: {
            bindAddress,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
            histogramBucketOverrides: histogramBuckets,
          },
        },
      },
    }),
  });
  return runtime.metricMeter;
}

function bridge(logger: Logger) {
  const at =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) =>
      logger[level](meta ?? {}, message);
  const levels = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  return {
    ...levels,
    log: (level: string, message: string, meta?: object) =>
      levels[level.toLowerCase() as keyof typeof levels](message, meta),
  };
}
