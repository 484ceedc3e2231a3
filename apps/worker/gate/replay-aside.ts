import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ReplayOrder, ReplayReport } from './replay-report.ts';

const program = fileURLToPath(new URL('replay-process.js', import.meta.url));

/**
 * Replays in a process of its own, with this one's settings: its memory goes with it, and code that breaks
 * does not break the worker.
 * @throws when the process ends without a report
 */
export async function replayAside(order: ReplayOrder): Promise<ReplayReport> {
  const aside = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(aside, 'exit').then(([code, signal]): never => {
    throw new Error(`replaying open histories: the side process ended with ${code ?? signal}`);
  });
  try {
    aside.send(order);
    const [report] = (await Promise.race([once(aside, 'message'), exited])) as [ReplayReport];
    return report;
  } finally {
    exited.catch(() => {});
    if (aside.connected) aside.disconnect();
  }
}
