import { createHash } from 'node:crypto';

import type { Azure, Call, VaultFacts } from '#libs/azure/azure.ts';
import { AzureError } from '#libs/azure/azure-error.ts';
import { sameRegion, vaultUriOf } from '#libs/domain/azure-ids.ts';
import { planText, type Plan } from '#libs/domain/plan.ts';
import { nameReleaseAt } from '#libs/domain/provision-cluster-findings.ts';
import type {
  KeyVersionSeen,
  ProvisionFacts,
  VaultSeen,
  WorkspaceSeen,
} from '#libs/domain/provision-facts.ts';
import { planProvision } from '#libs/domain/provision-plan.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { dayMs, ownKeyPermissions, type ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { operationTag } from './keys.ts';
import { vaultIdOf, workspaceIdOf } from './resource-ids.ts';
import { holds } from './vaults.ts';

export interface PlanOrder {
  readonly request: ProvisionRequest;
  readonly operationId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
  /** Steps this operation has begun. */
  readonly begun: readonly string[];
}

export interface Planned {
  readonly plan: Plan;
  /** When the reserved name is free, if that is known and still to come. */
  readonly nameReleaseAt?: string;
}

/** Reads what a plan needs and makes it; changes nothing. */
export function planningActivities(azure: Azure, rules: ServiceRules) {
  return {
    async planProvision({ request, operationId, now, begun }: PlanOrder): Promise<Planned> {
      return await callAzure(async (call) => {
        const facts = await readFacts(azure, { request, now, rules }, call);
        const circumstances = { rules, now, operationId, begun };
        const plan = planProvision(request, facts, circumstances);
        const { planOnly: _, acceptPlan: __, ...wanted } = request;
        const hash = createHash('sha256')
          .update(planText('provision', wanted, plan))
          .digest('hex');
        const release = nameReleaseAt(facts, circumstances);
        return {
          plan: { ...plan, hash },
          ...(release === undefined ? {} : { nameReleaseAt: release }),
        };
      });
    },
  };
}

interface Question {
  readonly request: ProvisionRequest;
  readonly now: number;
  readonly rules: ServiceRules;
}

async function readFacts(
  azure: Azure,
  { request, now, rules }: Question,
  call: Call,
): Promise<ProvisionFacts> {
  const since = new Date(now - rules.nameReservationDays * dayMs);
  const [tenantId, cluster, clusters, vault, workspaces] = await Promise.all([
    azure.tenantId(),
    azure.clusters.read(request.cluster, call),
    azure.clusters.list(request.cluster.subscriptionId, call),
    readVaultAndKey(azure, request, call),
    Promise.all(request.workspaces.map((id) => readWorkspace(azure, id, call))),
  ]);
  // Only an absent cluster can have a held name.
  const deletions =
    cluster.value === undefined
      ? await azure.activityLog.clusterDeletions(request.cluster, since, call)
      : undefined;
  const deletedAt = deletions?.value
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  return {
    tenantId,
    ...(cluster.value === undefined
      ? {}
      : { cluster: { id: cluster.value.id, provisioningState: cluster.value.provisioningState } }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    activeClusters: clusters.value.filter(({ region }) => sameRegion(region, request.region))
      .length,
    ...vault,
    workspaces,
  };
}

async function readVaultAndKey(
  azure: Azure,
  { key, cluster, region }: ProvisionRequest,
  call: Call,
): Promise<Pick<ProvisionFacts, 'vault' | 'deletedVault' | 'keyVersions'>> {
  const id = vaultIdOf(key.vaultId);
  const { value: vault } = await azure.vaults.read(id, call);
  if (vault === undefined) {
    const { value: deleted } = await azure.vaults.readDeleted(
      { name: id.name, subscriptionId: cluster.subscriptionId, region },
      call,
    );
    return deleted === undefined ? {} : { deletedVault: { purgeAt: deleted.scheduledPurgeDate } };
  }
  const seen = toVaultSeen(vault, await azure.self());
  const keyVersions = seen.ownAccess
    ? await readVersions(azure, { vaultUri: vaultUriOf(id), name: key.name }, call)
    : undefined;
  return { vault: seen, ...(keyVersions === undefined ? {} : { keyVersions }) };
}

function toVaultSeen(vault: VaultFacts, self: string): VaultSeen {
  const { id, region, tenantId, purgeProtection, softDelete, rbac, firewall } = vault;
  const shutsOutAzure =
    firewall.defaultAction === 'Deny' && !firewall.bypass.includes('AzureServices');
  const ownAccess = rbac || holds(vault, { principalId: self, permissions: ownKeyPermissions });
  return { id, region, tenantId, purgeProtection, softDelete, rbac, shutsOutAzure, ownAccess };
}

/** The key's versions, or undefined when Keyturn may not list them: the key step asks again, with access. */
async function readVersions(
  azure: Azure,
  { vaultUri, name }: { vaultUri: string; name: string },
  call: Call,
): Promise<KeyVersionSeen[] | undefined> {
  try {
    const { value } = await azure.keys.versions(vaultUri, name, call);
    return value.map(({ kid, version, enabled, expiresAt, tags }) => {
      const madeBy = tags[operationTag];
      return {
        kid,
        version,
        enabled,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(madeBy === undefined ? {} : { madeBy }),
      };
    });
  } catch (error) {
    if (error instanceof AzureError && error.status === 403) return undefined;
    throw error;
  }
}

async function readWorkspace(azure: Azure, text: string, call: Call): Promise<WorkspaceSeen> {
  const { value } = await azure.workspaces.read(workspaceIdOf(text), call);
  if (value === undefined) return { id: text, exists: false };
  const linkedTo = value.clusterResourceId;
  return {
    id: text,
    exists: true,
    region: value.region,
    ...(linkedTo === undefined ? {} : { linkedTo }),
  };
}
