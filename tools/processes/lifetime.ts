/** How often we look whether whoever started us is still there. */
const lookEveryMs = 1_000;

/** Why a process that would run for ever should end. */
export type EndReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'orphaned';

/**
 * Settles when the process is asked to end: by a signal, or because its parent has vanished without one (a killed
 * npm or editor would otherwise leave a stack behind that nobody sees).
 */
export function untilAskedToEnd(): Promise<EndReason> {
  const { promise, resolve } = Promise.withResolvers<EndReason>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve(signal));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) resolve('orphaned');
  }, lookEveryMs);
  watch.unref();
  return promise;
}
