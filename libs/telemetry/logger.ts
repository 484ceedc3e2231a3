import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { redactMembers, redactText } from './redaction.ts';

export interface LoggerOptions {
  /** The process that speaks, e.g. `worker`. */
  readonly service: string;
  /** Lowest level that is written: `trace` … `fatal`, or `silent`. Default `info`. */
  readonly level?: string;
  /** Where lines go. Default: standard error, because standard output carries answers to programs. */
  readonly destination?: DestinationStream;
}

/**
 * Makes a process's logger: one JSON line each, with the service's name and an ISO instant, and without
 * credentials wherever they hide (design: no secret in a log).
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true });
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (members) => redactMembers(members) as Record<string, unknown>,
      },
      hooks: { streamWrite: redactText },
    },
    destination,
  );
}
