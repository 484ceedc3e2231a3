import type { Azure, Call } from '#libs/azure/azure.ts';
import { formatClusterId, sameId } from '#libs/domain/azure-ids.ts';
import type { Inspected } from '#libs/domain/inspection.ts';
import type { RevocationRequest } from '#libs/domain/operation-request.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { planRevocation, type RevocationFacts } from '#libs/domain/revocation.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { grantModelOf } from './grant-models.ts';
import { inspectCluster } from './inspection.ts';
import { readKeyUsers } from './key-users.ts';
import { refusePersonsMatter } from './persons-matter.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import { vaultIdOf } from './resource-ids.ts';
import { readUsers } from './retirement.ts';

export interface AccessOrder<R> {
  readonly request: R;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

/** Whose access to which vault is switched. */
export interface Access {
  readonly vaultId: string;
  readonly keyName: string;
  readonly principalId: string;
  /** Resource ids of the workspaces that feel it. */
  readonly workspaces: readonly string[];
}

export interface PlannedAccess extends Planned {
  readonly access?: Access;
}

/** The plan of taking access away; it only reads. */
export function revocationActivities(
  azure: Azure,
  given: { rules: ServiceRules; probes: boolean },
) {
  return {
    async planRevocation(order: AccessOrder<RevocationRequest>): Promise<PlannedAccess> {
      const { request, now, begun } = order;
      return await callAzure(async (call) => {
        const inspected = await inspectCluster(azure, { cluster: request.cluster, now }, call);
        const access = accessOf(inspected);
        const others = access && (await readOthers(azure, { access, request }, call));
        const facts = { ...(inspected && { inspected }), ...others };
        const plan = planRevocation(request, facts, { ...given, begun });
        refusePersonsMatter(plan, request);
        const hash = hashOf('revoke', request, plan);
        return { plan: { ...plan, hash }, ...(access && { access }) };
      });
    },
  };
}

/** Whose access it is, as far as it shows. */
export function accessOf(inspected: Inspected | undefined): Access | undefined {
  const { key, principalId, workspaces = [] } = inspected ?? {};
  if (key?.access === undefined || principalId === undefined) return undefined;
  return { vaultId: key.access.vaultId, keyName: key.name, principalId, workspaces };
}

/** What else is felt: by the identity's other clusters, or by all who use the key. */
async function readOthers(
  azure: Azure,
  { access, request }: { access: Access; request: RevocationRequest },
  call: Call,
): Promise<Pick<RevocationFacts, 'grants' | 'users'>> {
  const { principalId, keyName } = access;
  const id = vaultIdOf(access.vaultId);
  const clusterId = formatClusterId(request.cluster);
  const { subscriptionId } = request.cluster;
  const [{ value: vault }, seen] = await Promise.all([
    azure.vaults.read(id, call),
    readUsers(azure, { vaultId: access.vaultId, keyName, subscriptionId }, call),
  ]);
  if (vault === undefined) return {};
  if (request.by === 'versions') {
    const question = { vault, keyName, own: { clusterId, principalId }, seen };
    return { users: await readKeyUsers(azure, question, call) };
  }
  const found = await grantModelOf(azure, vault).find({ vault, principalId }, call);
  const sharing = seen.clusters.filter(
    (other) => sameId(other.principalId ?? '', principalId) && !sameId(other.id, clusterId),
  );
  return { grants: { ...found, sharedWith: sharing.map(({ id: other }) => other) } };
}
