import type { Look } from '#activities/look-for-record.ts';
import type { QueryProbe } from '#activities/probes.ts';
import type { Evidence } from '#libs/domain/events.ts';
import { recoveryLimitMs, revocationLimitMs } from '#libs/domain/service-rules.ts';

import { notAsExpected } from './ending.ts';
import { probeWorkspaces } from './probe.ts';
import { azure } from './proxies.ts';
import type { Taking } from './taking-access.ts';
import type { Done, Work } from './work.ts';

/** Workspaces that are probed: all of a cluster share one key, so some are enough. */
const probed = 20;

/** The first workspaces of a cluster, and the record that is looked for. */
export const probeOf = (workspaces: readonly string[], marker: string): QueryProbe => ({
  workspaces: workspaces.slice(0, probed),
  marker,
});

interface Instants {
  /** When to look at something else; epoch ms. */
  readonly wakeAt: number;
  /** When the effect should have been seen; epoch ms. */
  readonly until: number;
}

interface Loss {
  readonly taking: Taking;
  readonly probe: QueryProbe;
  /** When access was taken away; epoch ms. */
  readonly since: number;
  /** When it is given back as planned; epoch ms. */
  readonly backAt?: number;
}

/**
 * Sees that data can no longer be read, within the hour (R82); meanwhile what was taken away is kept away.
 * A recovery that was planned for sooner ends the watch with what was seen by then.
 * @throws ApplicationFailure NotAsExpected when it can still be read
 */
export async function seeAccessLost(
  work: Pick<Work, 'rest'>,
  { taking, probe, since, backAt = Infinity }: Loss,
): Promise<Done> {
  let until = since + revocationLimitMs;
  for (;;) {
    const { lookEveryMs = until } = taking;
    const seen = await lookForLoss(work, probe, {
      wakeAt: Math.min(Date.now() + lookEveryMs, until, backAt),
      until,
    });
    // What is back by now was given back by the recovery, and is not taken away again.
    if (Date.now() >= backAt) return seen ?? backBeforeSeen;
    if (await taking.keep()) until = Date.now() + revocationLimitMs;
    else if (seen !== undefined) return seen;
  }
}

/** Undefined where it is not seen yet, and may still be. */
async function lookForLoss(
  work: Pick<Work, 'rest'>,
  probe: QueryProbe,
  { wakeAt, until }: Instants,
): Promise<Done | undefined> {
  const looks = await look(probe, { withinMs: wakeAt - Date.now(), readable: false });
  if (looks === undefined) {
    const done = await waitOut(work, { wakeAt, until });
    return wakeAt < until ? undefined : done;
  }
  const readable = looks.filter((each) => each.readable !== false);
  if (readable.length === 0) {
    return { detail: 'no workspace can be queried', evidence: looks.map(unreadable) };
  }
  if (wakeAt < until) return undefined;
  throw notAsExpected(
    `an hour after access was taken away these are not seen to be unreadable: ${named(readable)}`,
  );
}

/**
 * Sees that data can be read and taken again, within half an hour (R87). Queries first: what is sent before
 * the storage unwraps again would only be dropped.
 * @throws ApplicationFailure NotAsExpected when it cannot
 */
export async function seeAccessBack(
  work: Pick<Work, 'rest'>,
  { probe, since }: { probe: QueryProbe; since: number },
): Promise<Done> {
  const until = since + recoveryLimitMs;
  const looks = await look(probe, { withinMs: until - Date.now(), readable: true });
  if (looks === undefined) return await waitOut(work, { wakeAt: until, until });
  const out = looks.filter(({ readable }) => readable !== true);
  if (out.length === 0) return await probeWorkspaces(probe);
  throw notAsExpected(
    `half an hour after access was given back the data of these is not seen to be back: ${named(out)}`,
  );
}

/** Undefined where nothing can be probed. */
async function look(
  probe: QueryProbe,
  { withinMs, readable }: { withinMs: number; readable: boolean },
): Promise<readonly Look[] | undefined> {
  if (probe.workspaces.length === 0) return undefined;
  const order = { ...probe, withinMs: Math.max(withinMs, 0), readable };
  const { configured, looks } = await azure.probeAccess(order);
  return configured ? looks : undefined;
}

/** Without probes nothing can be seen: the limit that Azure states is waited for, and the grade says so. */
async function waitOut(work: Pick<Work, 'rest'>, { wakeAt, until }: Instants): Promise<Done> {
  const detail = 'no probe can see the effect; the limit that Azure states is waited for';
  await work.rest({ step: 'effect', reason: 'effect', detail, wakeAt, until, known: true });
  return {
    detail: 'the limit that Azure states has passed',
    evidence: [{ claim: 'the change has taken effect', grade: 'assumed' }],
  };
}

const backBeforeSeen: Done = {
  detail: 'the planned recovery gave access back before the effect was seen',
  findings: [
    {
      code: 'effect_unseen',
      severity: 'warning',
      rule: 'R82',
      reason: 'access was given back, as planned, before the data was seen to be out of reach',
      remedy: 'Plan the recovery for more than an hour after the revocation: so long may it take.',
    },
  ],
  evidence: [{ claim: 'access was taken away', grade: 'assumed' }],
};

/** With what Azure said of each: an outage of queries shows nothing of the key (R156). */
const named = (looks: readonly Look[]): string =>
  looks
    .map(({ workspaceId, reason }) => `${workspaceId}${reason === undefined ? '' : ` (${reason})`}`)
    .join(', ');

const unreadable = ({ workspaceId, requestId }: Look): Evidence => ({
  claim: `workspace ${workspaceId} cannot be queried`,
  grade: 'proven',
  ...(requestId === undefined ? {} : { requestId }),
});
