import { ApplicationFailure } from '@temporalio/workflow';

import type { Access, PlannedAccess } from '#activities/revocation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import type { RecoveryRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import { recoveryLimitMs } from '#libs/domain/service-rules.ts';

import { probeWorkspaces } from './probe.ts';
import { azure } from './proxies.ts';
import { probed, waitOut } from './revoke.ts';
import { Work, type Done } from './work.ts';

/**
 * Gives a cluster its access back, where nothing but its grant is missing, and sees that its data can be
 * read again (R87-R90). Every other cause is named in the plan, with what a person does about it.
 */
export async function recover(input: OperationInput<RecoveryRequest>): Promise<Outcome> {
  const { request, operationId: marker } = input;
  const plan = async () => await azure.planRecovery({ request, now: Date.now() });
  const work = new Work<PlannedAccess>(input, plan, 'emergency');

  async function story(): Promise<string> {
    const { access } = await work.ready();
    if (access === undefined) throw new Error('missing whose access it is');
    const { revokedAt } = work;
    await work.step('grant', async () => await giveBack(access));
    const since = Date.now();
    await work.step('effect', async () => await seeEffect(access, since));
    if (revokedAt === undefined) return 'Access works.';
    const minutes = Math.ceil((Date.now() - Date.parse(revokedAt)) / 60_000);
    return `Access works again; records of at most ${minutes} min were dropped, since ${revokedAt}.`;
  }

  async function giveBack({ vaultId, principalId }: Access): Promise<Done> {
    const { added, permissions } = await azure.ensureGrant({ vaultId, principalId });
    return {
      detail: permissions.join(', '),
      facts: added ? [fact('GrantMade', { vaultId, principalId, permissions })] : [],
    };
  }

  async function seeEffect({ workspaces }: Access, since: number): Promise<Done> {
    const seen = await lookForEffect(workspaces, since);
    const clusterId = formatClusterId(request.cluster);
    return { ...seen, facts: [fact('AccessReturned', { clusterId })] };
  }

  /** Queries first: what is sent before the storage unwraps again would only be dropped. */
  async function lookForEffect(workspaces: readonly string[], since: number): Promise<Done> {
    const some = workspaces.slice(0, probed);
    const order = { workspaces: some, marker, withinMs: recoveryLimitMs, readable: true };
    const { configured, looks } =
      some.length === 0 ? { configured: false, looks: [] } : await azure.probeAccess(order);
    if (!configured) return await waitOut(work, 'effect', since + recoveryLimitMs);
    const out = looks.filter(({ readable }) => readable !== true);
    if (out.length === 0) return await probeWorkspaces({ workspaces: some, marker });
    const names = out.map(({ workspaceId }) => workspaceId).join(', ');
    const message = `half an hour after the grant was made the data of these is not seen to be back: ${names}`;
    throw ApplicationFailure.create({ type: 'NotAsExpected', message, nonRetryable: true });
  }

  return await work.run(story, async () => {});
}
