import type { OpenWorkflow } from '#libs/temporal/open-workflows.ts';

import { chooseOpen } from './choose-open.ts';
import type { ReplayReport } from './replay-report.ts';

/** How the check reaches the world. */
export interface Reach {
  /** Open workflows, of which the newest may still be missing. */
  readonly list: () => Promise<readonly OpenWorkflow[]>;
  readonly replay: (workflows: readonly OpenWorkflow[]) => Promise<ReplayReport>;
  /** Gives visibility the time to tell of what has begun meanwhile. */
  readonly pause: () => Promise<void>;
}

/** Work that goes on to begin is the other builds' to finish: looking for it must come to an end. */
const looks = 3;

/** Replays what is open, and what has begun meanwhile, until nothing is new or something diverges. */
export async function checkOpen({ list, replay, pause }: Reach): Promise<ReplayReport> {
  const seen = new Set<string>();
  let checked = 0;
  for (let look = 1; look <= looks; look += 1) {
    const open = (await list()).filter(({ runId }) => !seen.has(runId));
    // Entities are sampled once: another sample would not say more.
    const fresh = chooseOpen(open, look === 1 ? undefined : 0);
    if (fresh.length === 0) break;
    for (const { runId } of fresh) seen.add(runId);
    const report = await replay(fresh);
    checked += report.checked;
    if (report.diverged.length > 0) return { checked, diverged: report.diverged };
    await pause();
  }
  return { checked, diverged: [] };
}
