import type { Azure, Call } from '#libs/azure/azure.ts';
import { sameId, type ClusterId } from '#libs/domain/azure-ids.ts';
import type { Inspected } from '#libs/domain/inspection.ts';
import type { RecoveryRequest, RevocationRequest } from '#libs/domain/operation-request.ts';
import { planRecovery, planRevocation, type GrantFacts } from '#libs/domain/revocation.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { grantModelOf } from './grant-models.ts';
import { inspectCluster } from './inspection.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import { vaultIdOf } from './resource-ids.ts';

export interface AccessOrder<R> {
  readonly request: R;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** Whose access to which vault is switched. */
export interface Access {
  readonly vaultId: string;
  readonly principalId: string;
  /** Resource ids of the workspaces that feel it. */
  readonly workspaces: readonly string[];
}

export interface PlannedAccess extends Planned {
  readonly access?: Access;
}

/** Plans of taking access away and giving it back; they only read. */
export function revocationActivities(
  azure: Azure,
  given: { rules: ServiceRules; probes: boolean },
) {
  return {
    async planRevocation(order: AccessOrder<RevocationRequest>): Promise<PlannedAccess> {
      const { request, now } = order;
      return await callAzure(async (call) => {
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        const access = accessOf(inspected);
        const grants =
          access && (await readGrants(azure, { access, cluster: request.cluster }, call));
        const seen = { ...(inspected && { inspected }), ...(grants && { grants }) };
        const plan = planRevocation(request, seen, given);
        const hash = hashOf('revoke', request, plan);
        return { plan: { ...plan, hash }, ...(access && { access }) };
      });
    },

    async planRecovery({ request, now }: AccessOrder<RecoveryRequest>): Promise<PlannedAccess> {
      return await callAzure(async (call) => {
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        const plan = planRecovery(request, inspected, given);
        const access = accessOf(inspected);
        const hash = hashOf('recover', request, plan);
        return { plan: { ...plan, hash }, ...(access && { access }) };
      });
    },
  };
}

function accessOf(inspected: Inspected | undefined): Access | undefined {
  const vaultId = inspected?.key?.access?.vaultId;
  const { principalId, workspaces = [] } = inspected ?? {};
  return vaultId === undefined || principalId === undefined
    ? undefined
    : { vaultId, principalId, workspaces };
}

async function readGrants(
  azure: Azure,
  { access, cluster }: { access: Access; cluster: ClusterId },
  call: Call,
): Promise<GrantFacts | undefined> {
  const { principalId } = access;
  const [{ value: vault }, { value: clusters }] = await Promise.all([
    azure.vaults.read(vaultIdOf(access.vaultId), call),
    azure.clusters.list(cluster.subscriptionId, call),
  ]);
  if (vault === undefined) return undefined;
  const found = await grantModelOf(azure, vault).find({ vault, principalId }, call);
  const others = clusters.filter(
    (other) =>
      sameId(other.principalId ?? '', principalId) &&
      !sameId(other.id.split('/').at(-1) ?? '', cluster.name),
  );
  return { ...found, sharedWith: others.map(({ id }) => id) };
}
