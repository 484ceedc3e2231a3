import type { Access, PlannedAccess } from '#activities/revocation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import type { Finding } from '#libs/domain/findings.ts';
import type { RevocationRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import { ingestionDelayMs } from '#libs/domain/service-rules.ts';

import { probeOf, seeAccessLost } from './access-effect.ts';
import { spreadOf } from './grant-spread.ts';
import { needed } from './needed.ts';
import { unseenFindings } from './probe.ts';
import { azure } from './proxies.ts';
import { seeRefusals } from './see-refusals.ts';
import { takingGrant, takingVersions, type Taking } from './taking-access.ts';
import { Work, type Done } from './work.ts';

/**
 * Takes a cluster's access to its key away, overtaking whatever writes to the cluster, and sees that its
 * data can no longer be read (R80-R84, R89).
 */
export async function revoke(input: OperationInput<RevocationRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const { cluster, reason, breakGlass } = request;
  const clusterId = formatClusterId(cluster);
  const work = new Work<PlannedAccess>(
    input,
    async (begun) => await azure.planRevocation({ request, now: Date.now(), begun }),
    'emergency',
  );
  let accessSpreadMs = 0;

  async function story(): Promise<string> {
    const agreed = await work.agree();
    const access = needed(agreed.access, 'whose access it is');
    const probe = probeOf(access.workspaces, operationId);
    const isPlanned = (step: string) => agreed.plan.steps.some(({ name }) => name === step);
    if (isPlanned('baseline')) {
      await work.step('baseline', async () => {
        const probed = await azure.probeIngestion({ ...probe, withinMs: ingestionDelayMs });
        const findings = unseenFindings(probed);
        const all = probed.looks.length;
        return {
          detail: `${all - findings.length} of ${all} workspaces show a record stored under the key`,
          findings,
        };
      });
    }
    await work.ready(agreed);
    if (isPlanned('vault-access')) {
      await work.step('vault-access', async () => await ownAccess(access));
    }
    const taking = takingOf(access);
    // Before anything is taken away: whatever becomes of this one, that one comes.
    const next = planRecovery();
    await work.step('revoke', async () => await takeAway(taking, access));
    const since = Date.now();
    // From now on the cluster is known as revoked: who waits for its lane could only undo that.
    await work.letGo();
    const loss = { taking, probe, since, ...backAt(request) };
    let effect = '';
    await work.step('effect', async () => {
      const seen = await seeRefusals(await seeAccessLost(work, loss), { access, since });
      effect = effectOf(seen, Math.ceil((Date.now() - since) / 60_000));
      return seen;
    });
    return `Access is revoked; ${effect}${next}.`;
  }

  /** The recovery that was asked for with it, as an operation of its own; answers what to say of it. */
  function planRecovery(): string {
    const { recoverAt } = request;
    if (recoverAt === undefined) return '';
    const recovery = { cluster, planOnly: false, notBefore: recoverAt, follows: operationId };
    return `; operation ${work.followUp('recover', recovery)} recovers it at ${recoverAt}`;
  }

  async function ownAccess({ vaultId }: Access): Promise<Done> {
    const ensured = await azure.ensureOwnAccess(vaultId);
    accessSpreadMs = spreadOf(ensured);
    return { detail: ensured.added ? 'granted' : 'there already' };
  }

  function takingOf(access: Access): Taking {
    if (request.by !== 'versions') return takingGrant(work, access);
    const options = { access, cluster, operationId, accessSpreadMs: () => accessSpreadMs };
    return takingVersions(work, options);
  }

  async function takeAway(taking: Taking, { principalId }: Access): Promise<Done> {
    const { facts, ...taken } = await taking.take();
    return {
      ...taken,
      facts: [...facts, fact('AccessLost', { clusterId, principalId, reason })],
      findings: breakGlass ? [glassBroken(clusterId, input.requestedBy.name)] : [],
    };
  }

  return await work.run(story, async () => {});
}

const backAt = ({ recoverAt }: RevocationRequest) =>
  recoverAt === undefined ? {} : { backAt: Date.parse(recoverAt) };

/** What became of it, in words: what was only waited for was not seen. */
const effectOf = ({ detail, evidence = [] }: Done, minutes: number): string =>
  evidence.some(({ grade }) => grade !== 'assumed')
    ? `within ${minutes} min the data could not be read any more`
    : detail;

const glassBroken = (target: string, name: string): Finding => ({
  code: 'break_glass',
  severity: 'warning',
  rule: 'R92',
  reason: `${name} revoked access alone, by breaking the glass`,
  remedy: 'Have a second person review it.',
  target,
});
