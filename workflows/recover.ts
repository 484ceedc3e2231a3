import type { Access, PlannedAccess } from '#activities/revocation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import type { RecoveryRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';

import { probeOf, seeAccessBack } from './access-effect.ts';
import { spreadOf } from './grant-spread.ts';
import { needed } from './needed.ts';
import { azure } from './proxies.ts';
import { Work, type Done } from './work.ts';

/**
 * Gives a cluster its access back: undoes exactly what keeps it out, and sees that its data can be read again
 * (R87-R91). What is not ours to undo is named in the plan, with what a person does about it.
 */
export async function recover(input: OperationInput<RecoveryRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const { cluster } = request;
  const work = new Work<PlannedAccess>(
    input,
    async (begun) => await azure.planRecovery({ request, now: Date.now(), begun }),
    'emergency',
  );
  let accessSpreadMs = 0;

  async function story(): Promise<string> {
    await untilDue(work, request);
    const { access: whose, plan } = await work.ready();
    const access = needed(whose, 'whose access it is');
    const { revokedAt } = work;
    const { vaultId } = access;
    const deeds: Readonly<Record<string, () => Promise<Done>>> = {
      vault: async () => await haveVaultBack(vaultId),
      'vault-access': async () => await ownAccess(vaultId),
      key: async () => await restoreKey(access),
      grant: async () => await giveBack(access),
    };
    for (const { name } of plan.steps) {
      const deed = deeds[name];
      if (deed !== undefined) await work.step(name, deed);
    }
    const since = Date.now();
    const probe = probeOf(access.workspaces, operationId);
    await work.step('effect', async () => ({
      ...(await seeAccessBack(work, { probe, since })),
      facts: [fact('AccessReturned', { clusterId: formatClusterId(cluster) })],
    }));
    return summaryOf(revokedAt);
  }

  async function haveVaultBack(vaultId: string): Promise<Done> {
    const { recovered } = await azure.recoverVault(vaultId);
    return { detail: recovered ? 'had back, with its keys' : 'it was there already' };
  }

  async function ownAccess(vaultId: string): Promise<Done> {
    const ensured = await azure.ensureOwnAccess(vaultId);
    accessSpreadMs = spreadOf(ensured);
    return { detail: ensured.added ? 'granted' : 'there already' };
  }

  async function restoreKey({ vaultId, keyName }: Access): Promise<Done> {
    const order = { vaultId, keyName, cluster, accessSpreadMs };
    // Whoever changes the key for another cluster may be at it for long, and is not waited for.
    const { recovered, enabled, resumed } = await work.withKey(
      { vaultId, keyName, how: 'emergency' },
      async () => await azure.restoreKey(order),
    );
    const done = [
      ...(recovered ? ['had back from deletion'] : []),
      ...(enabled.length === 0 ? [] : [`enabled: ${enabled.join(', ')}`]),
      ...(resumed ? ['the vault rotates it again'] : []),
    ];
    return {
      detail: done.length === 0 ? 'nothing was to be undone' : done.join('; '),
      facts: enabled.map((kid) => fact('KeyVersionEnabled', { kid })),
    };
  }

  async function giveBack({ vaultId, principalId }: Access): Promise<Done> {
    const { added, permissions } = await azure.ensureGrant({ vaultId, principalId });
    return {
      detail: permissions.join(', '),
      facts: added ? [fact('GrantMade', { vaultId, principalId, permissions })] : [],
    };
  }

  return await work.run(story, async () => {});
}

/** A recovery that was planned waits for its instant, and only then looks what there is to undo. */
async function untilDue(
  work: Pick<Work, 'rest'>,
  { notBefore, planOnly, follows }: RecoveryRequest,
): Promise<void> {
  const wakeAt = notBefore === undefined ? 0 : Date.parse(notBefore);
  if (planOnly || wakeAt <= Date.now()) return;
  const detail = follows === undefined ? 'as asked' : `as asked with revocation ${follows}`;
  await work.rest({ reason: 'recovery_planned', detail, wakeAt, known: true });
}

/** With the gap in what was recorded, which nothing brings back (R83, R91). */
function summaryOf(revokedAt: string | undefined): string {
  if (revokedAt === undefined) return 'Access works; since when it did not is not on record.';
  const now = new Date();
  const minutes = Math.ceil((now.getTime() - Date.parse(revokedAt)) / 60_000);
  return `Access works again; records of at most ${minutes} min were dropped, between ${revokedAt} and ${now.toISOString()}.`;
}
