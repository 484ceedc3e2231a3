import { ActivityFailure, ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow';

import type { Settled, StartResult } from '#activities/clusters.ts';
import type { Ended, Watched } from '#activities/wait-for-azure.ts';
import { fact } from '#libs/domain/events.ts';
import { blockerOf, knownError } from '#libs/domain/service-errors.ts';

import { polling } from './proxies.ts';
import type { Work } from './work.ts';

/** How long to leave a resource alone that is still moving though its operation's record says no more. */
export const lookAgainMs = 60_000;

interface SlowStep {
  readonly work: Pick<Work, 'showWait' | 'timeline'>;
  readonly started: StartResult;
  readonly step: string;
  readonly usually: string;
  readonly settle: () => Promise<Settled>;
}

/**
 * Watches a started operation of Azure to its end and reads the resource back, which alone decides (R20).
 * @throws ApplicationFailure NotAsExpected or RefusedByRule when the resource ends otherwise
 */
export async function settleInAzure({
  work,
  started,
  step,
  usually,
  settle,
}: SlowStep): Promise<Settled> {
  if (started.state === 'running') await work.showWait(step, usually);
  let ended: Ended | undefined;
  if (started.state === 'running' && started.operationUrl !== undefined) {
    [ended] = await watch([{ target: step, operationUrl: started.operationUrl }]);
  }
  for (let looks = 1; ; looks += 1) {
    const settled = await settle();
    if (settled.state === 'done') return settled;
    if (settled.state === 'wrong') throw notAsExpected(step, settled, ended);
    if (looks === 2)
      work.timeline.record(fact('FindingRaised', { finding: slowerThanUsual(step) }));
    work.timeline.show();
    await sleep(lookAgainMs);
  }
}

/** Polls until every operation has ended; a poll that fails is no failure of the step, only no answer (R20). */
export async function watch(watched: readonly Watched[]): Promise<Ended[]> {
  if (watched.length === 0) return [];
  try {
    return await polling.waitForAzure(watched);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return [];
  }
}

/** The failure behind a resource that did not become what was asked: a rule, where the words are known. */
function notAsExpected(
  step: string,
  { seen, finding }: Settled,
  ended: Ended | undefined,
): ApplicationFailure {
  const said = [ended?.code, ended?.message].filter((word) => word !== undefined).join(': ');
  const known = knownError(400, ended?.message ?? '');
  const isRefused = finding === undefined && known?.meaning === 'refused';
  const type = isRefused ? 'RefusedByRule' : 'NotAsExpected';
  const message = `Azure ended the ${step}${said === '' ? '' : ` with ${said}`}; seen: ${seen}`;
  const cause = finding ?? (known === undefined ? undefined : blockerOf(known, step));
  const details = cause === undefined ? [] : [cause];
  return ApplicationFailure.create({ type, message, nonRetryable: true, details });
}

const slowerThanUsual = (step: string) =>
  ({
    code: 'slower_than_usual',
    severity: 'warning',
    rule: 'R23',
    reason: `Azure takes longer than usual over the ${step}`,
    remedy: 'Nothing is to be done; Keyturn goes on watching.',
  }) as const;
