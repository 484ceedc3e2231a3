import { ApplicationFailure, sleep } from '@temporalio/workflow';

import type { Look } from '#activities/look-for-record.ts';
import type { Access, PlannedAccess } from '#activities/revocation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Evidence, type Outcome } from '#libs/domain/events.ts';
import type { Finding } from '#libs/domain/findings.ts';
import type { RevocationRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import { ingestionDelayMs, revocationLimitMs } from '#libs/domain/service-rules.ts';

import { azure } from './proxies.ts';
import { Work, type Done } from './work.ts';

/** How long a deed of the operation that was overtaken is left alone before the grant is looked at again. */
const lookAgainMs = 30_000;
/** Workspaces that are probed: all of a cluster share one key, so some are enough. */
export const probed = 20;

/**
 * Takes a cluster's access to its key away, overtaking whatever writes to the cluster, and sees that its
 * data can no longer be read (R80-R84, R89).
 */
export async function revoke(input: OperationInput<RevocationRequest>): Promise<Outcome> {
  const { request, operationId: marker } = input;
  const plan = async () => await azure.planRevocation({ request, now: Date.now() });
  const work = new Work<PlannedAccess>(input, plan, 'emergency');

  async function story(): Promise<string> {
    const agreed = await work.agree();
    const access = needed(agreed.access);
    if (agreed.plan.steps.some(({ name }) => name === 'baseline')) {
      await work.step('baseline', async () => await baseline(access));
    }
    await work.ready(agreed);
    await work.step('revoke', async () => await takeAway(access));
    const since = Date.now();
    // From now on the cluster is known as revoked: who waits for its lane could only undo that.
    await work.letGo();
    await work.step('effect', async () => await seeEffect(access, since));
    const minutes = Math.ceil((Date.now() - since) / 60_000);
    return `Access is revoked; within ${minutes} min the data could not be read any more.`;
  }

  async function baseline({ workspaces }: Access): Promise<Done> {
    const order = { workspaces: workspaces.slice(0, probed), marker, withinMs: ingestionDelayMs };
    const { looks } = await azure.probeIngestion(order);
    const shown = looks.filter(({ seen }) => seen > 0).length;
    return { detail: `${shown} of ${looks.length} workspaces show a record stored under the key` };
  }

  /** Again, as long as a deed of an overtaken operation may still make the grant anew. */
  async function takeAway({ vaultId, principalId }: Access): Promise<Done> {
    await azure.removeGrant({ vaultId, principalId });
    while (work.othersWrite) {
      await sleep(lookAgainMs);
      await azure.removeGrant({ vaultId, principalId });
    }
    const { cluster, reason, breakGlass } = request;
    const clusterId = formatClusterId(cluster);
    return {
      detail: `taken away from ${principalId}`,
      facts: [
        fact('GrantRemoved', { vaultId, principalId }),
        fact('AccessLost', { clusterId, principalId, reason }),
      ],
      findings: breakGlass ? [glassBroken(clusterId, input.requestedBy.name)] : [],
    };
  }

  async function seeEffect({ workspaces }: Access, since: number): Promise<Done> {
    const withinMs = Math.max(since + revocationLimitMs - Date.now(), 0);
    const order = { workspaces: workspaces.slice(0, probed), marker, withinMs, readable: false };
    const { configured, looks } =
      workspaces.length === 0 ? { configured: false, looks: [] } : await azure.probeAccess(order);
    if (!configured) return await waitOut(work, 'effect', since + revocationLimitMs);
    const readable = looks.filter((look) => look.readable !== false);
    if (readable.length === 0) {
      return { detail: 'no workspace can be queried', evidence: looks.map(unreadable) };
    }
    const names = readable.map(({ workspaceId }) => workspaceId).join(', ');
    const message = `an hour after the grant was taken away these are not seen to be unreadable: ${names}`;
    throw ApplicationFailure.create({ type: 'NotAsExpected', message, nonRetryable: true });
  }

  return await work.run(story, async () => {});
}

/** Without probes nothing can be seen: the limit that Azure states is waited for, and the grade says so. */
export async function waitOut(
  work: Pick<Work, 'rest'>,
  step: string,
  until: number,
): Promise<Done> {
  const detail = 'no probe can see the effect; the limit that Azure states is waited for';
  await work.rest({ step, reason: 'effect', detail, wakeAt: until, known: true });
  return {
    detail: 'the limit that Azure states has passed',
    evidence: [{ claim: 'the change has taken effect', grade: 'assumed' }],
  };
}

const unreadable = ({ workspaceId, requestId }: Look): Evidence => ({
  claim: `workspace ${workspaceId} cannot be queried`,
  grade: 'proven',
  ...(requestId === undefined ? {} : { requestId }),
});

const glassBroken = (target: string, name: string): Finding => ({
  code: 'break_glass',
  severity: 'warning',
  rule: 'R92',
  reason: `${name} revoked access alone, by breaking the glass`,
  remedy: 'Have a second person review it.',
  target,
});

function needed(access: Access | undefined): Access {
  if (access === undefined) throw new Error('missing whose access it is');
  return access;
}
