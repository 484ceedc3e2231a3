import type { KeyOrder, KeyVersionEnsured } from '#activities/keys.ts';
import type { PlannedRotation } from '#activities/rotation.ts';
import { formatClusterId } from '#libs/domain/azure-ids.ts';
import { fact, type Outcome } from '#libs/domain/events.ts';
import { togetherStep } from '#libs/domain/key-mates.ts';
import type { RotationRequest } from '#libs/domain/operation-request.ts';
import type { OperationInput } from '#libs/domain/operation-stream.ts';
import { surplusFindings } from '#libs/domain/surplus-versions.ts';
import { retirementAfter, type Rotated } from '#libs/domain/retirement-after.ts';

import { bindCluster } from './bind.ts';
import { gradeOf, observed } from './evidence.ts';
import { azure } from './proxies.ts';
import { proveUse } from './prove-use.ts';
import { rotateTogether } from './rotate-together.ts';
import { soak } from './soak.ts';
import { Work, type Done } from './work.ts';

type Agreed = NonNullable<PlannedRotation['rotation']>;

/**
 * Puts another version of its key under a cluster: version, bind, soak, proof. The version in use before
 * stays enabled: what the cluster may still unwrap with is retired by an operation of its own (R96).
 */
export async function rotate(input: OperationInput<RotationRequest>): Promise<Outcome> {
  const { request, operationId } = input;
  const work = new Work<PlannedRotation>(input, async (begun) =>
    azure.planRotation({ request, operationId, now: Date.now(), begun }),
  );

  async function story(): Promise<string> {
    const { rotation } = await work.ready();
    if (rotation === undefined) throw new Error('missing what to rotate');
    const startedAt = Date.now();
    let ensured: KeyVersionEnsured | undefined;
    await work.step('version', async () => {
      const order = versionOrder(input, rotation);
      const ensure = async () => await azure.ensureKeyVersion(order);
      ensured = await (order.key.source === 'use'
        ? ensure()
        : work.withKey({ ...rotation, how: 'exclusive' }, ensure));
      return versionDone(ensured);
    });
    if (ensured === undefined) throw new Error('missing the version');
    const { version, vaultUri, kid } = ensured;
    await work.step('bind', async () => await bind(rotation, { version, vaultUri, kid }));
    const boundAt = Date.now();
    const { together = [] } = rotation;
    if (together.length > 0)
      await work.step(togetherStep, async () => await rotateTogether(input, together, version));
    await work.step('soak', async () => await soak(work, request.soakMs));
    const proof = { cluster: request.cluster, rotation, version, boundAt };
    let proven: Done | undefined;
    await work.step('proof', async () => (proven = await proveUse(work, proof)));
    await work.stillStands();
    const seconds = Math.round((boundAt - startedAt) / 1000);
    const then = retire(work, request, {
      rotation,
      version,
      boundAt,
      operationId,
      proof: gradeOf(proven),
      isTogether: together.length > 0,
    });
    return `The cluster uses version ${version}, bound after ${seconds} s; version ${rotation.from} stays enabled${then}.`;
  }

  async function bind(
    { vaultId, keyName, mode }: Agreed,
    { version, vaultUri, kid }: Pick<KeyVersionEnsured, 'version' | 'vaultUri' | 'kid'>,
  ): Promise<Done> {
    const { requestId } = await work.withKey(
      { vaultId, keyName, how: 'shared' },
      async () =>
        await bindCluster(work, {
          cluster: request.cluster,
          vaultId,
          vaultUri,
          keyName,
          keyVersion: mode === 'automatic' ? '' : version,
          grantSpreadMs: 0,
        }),
    );
    const clusterId = formatClusterId(request.cluster);
    return {
      detail: mode === 'automatic' ? `follows the latest, now ${version}` : `version ${version}`,
      facts: [fact('KeyVersionBound', { clusterId, kid, mode })],
      evidence: [observed('the cluster shows the key', requestId)],
    };
  }

  return await work.run(story, async () => {});
}

/** Has the version that was left retired, by an operation of its own; answers that in words. */
function retire(work: Pick<Work, 'followUp'>, request: RotationRequest, rotated: Rotated): string {
  const retirement = retirementAfter(request, rotated);
  if (retirement === undefined) return '';
  const next = work.followUp('retire-version', retirement);
  return ` until operation ${next} retires it, which waits for ${retirement.notBefore} and a yes`;
}

const versionDone = ({ kid, created, requestId, surplus = [] }: KeyVersionEnsured): Done => ({
  detail: kid,
  facts: created ? [fact('KeyVersionCreated', { kid })] : [],
  findings: surplusFindings(surplus),
  evidence: [observed('the key version can wrap and unwrap', requestId)],
});

function versionOrder(
  { request, operationId }: OperationInput<RotationRequest>,
  { vaultId, keyName, mode, sizeBits, to }: Agreed,
): KeyOrder {
  const key = { vaultId, name: keyName, mode, sizeBits };
  const isNew = request.to === 'new' || to === undefined;
  return {
    key: isNew ? { ...key, source: 'generate' } : { ...key, source: 'use', version: to },
    operationId,
    accessSpreadMs: 0,
    addsVersion: true,
  };
}
