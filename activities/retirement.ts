import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call, ClusterFacts } from '#libs/azure/azure.ts';
import {
  formatClusterId,
  formatVaultId,
  parseVaultId,
  sameId,
  sameVaultUri,
  vaultUriOf,
} from '#libs/domain/azure-ids.ts';
import type { UsedKey, KeyUser } from '#libs/domain/used-key.ts';
import type { RetirementRequest } from '#libs/domain/operation-request.ts';
import type { PlanHold } from '#libs/domain/plan.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { planRetirement, type Retirement, type RetirementFacts } from '#libs/domain/retirement.ts';
import type { ServiceRules } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { isMoving } from './clusters.ts';
import { readVersions } from './key-facts.ts';
import type { AuditSource } from './key-uses.ts';
import { readLatelyUsed } from './lately-used.ts';
import { hasOwnAccess } from './own-rights.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import { vaultIdOf } from './resource-ids.ts';

export interface RetirementOrder {
  readonly request: RetirementRequest;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

export interface PlannedRetirement extends Planned {
  readonly retirement?: Retirement;
  readonly hold?: PlanHold;
}

interface RetirementMeans {
  readonly rules: ServiceRules;
  /** Absent, the audit of vaults is not looked into. */
  readonly audit: AuditSource | undefined;
}

/** The plan of a retirement; it only reads. */
export function retirementActivities(azure: Azure, { rules, audit }: RetirementMeans) {
  return {
    async planRetirement(order: RetirementOrder): Promise<PlannedRetirement> {
      return await callAzure(async (call) => {
        const { request, now, begun } = order;
        const facts = await readFacts(azure, { ...order, audit }, call);
        const { plan, ...planned } = planRetirement(request, facts, { rules, now, begun });
        const hash = hashOf('retire-version', request, plan);
        return { ...planned, plan: { ...plan, hash } };
      });
    },
  };
}

/** The key of an order by the resource id of its vault. */
export interface KeyOfVault {
  readonly vaultId: string;
  readonly keyName: string;
}

/** Clusters on a key in all subscriptions that Keyturn may read, the given ones among them. */
export interface UsersSeen extends Pick<UsedKey, 'users' | 'unread'> {
  /** All that were read, on whichever key. */
  readonly clusters: readonly ClusterFacts[];
}

/** Reads every cluster that may be on a key. */
export async function readUsers(
  azure: Azure,
  { vaultId, keyName, subscriptionId }: KeyOfVault & { readonly subscriptionId: string },
  call: Call,
): Promise<UsersSeen> {
  const vault = vaultIdOf(vaultId);
  const { value: listed } = await azure.subscriptions.list(call);
  const named = [subscriptionId, vault.subscriptionId, ...listed].map((id) => id.toLowerCase());
  const clusters: ClusterFacts[] = [];
  const unread: string[] = [];
  for (const id of new Set(named)) {
    const found = await listClusters(azure, id, call);
    if (found === undefined) unread.push(id);
    else clusters.push(...found);
  }
  const vaultUri = vaultUriOf(vault);
  const users = clusters.flatMap((cluster): KeyUser[] => {
    const { id, key } = cluster;
    if (key === undefined || !sameVaultUri(key.vaultUri, vaultUri)) return [];
    if (!sameId(key.name, keyName)) return [];
    return [{ id, version: key.version, isMoving: isMoving(cluster) }];
  });
  return { clusters, users, unread };
}

/** Undefined where Keyturn may not read. */
async function listClusters(
  azure: Azure,
  subscriptionId: string,
  call: Call,
): Promise<ClusterFacts[] | undefined> {
  try {
    return (await azure.clusters.list(subscriptionId, call)).value;
  } catch (error) {
    if (error instanceof AzureError && error.status === 403) return undefined;
    throw error;
  }
}

async function readFacts(
  azure: Azure,
  { request, now, audit }: RetirementOrder & Pick<RetirementMeans, 'audit'>,
  call: Call,
): Promise<RetirementFacts> {
  const { value: cluster } = await azure.clusters.read(request.cluster, call);
  if (cluster === undefined) return {};
  const { id: clusterId } = cluster;
  const key = await keyOf(azure, { request, cluster }, call);
  const vault = key && (await azure.vaults.read(vaultIdOf(key.vaultId), call)).value;
  if (key === undefined || vault === undefined) return { clusterId };
  const { vaultUri } = vault;
  const [ownAccess, versions, seen] = await Promise.all([
    hasOwnAccess(azure, vault, call),
    readVersions(azure, { vaultUri, name: key.keyName }, call),
    readUsers(azure, { ...key, subscriptionId: request.cluster.subscriptionId }, call),
  ]);
  const { users, unread, clusters } = seen;
  const read = { ...key, ownAccess, ...(versions === undefined ? {} : { versions }), unread };
  const asked = [clusterId, ...users.map(({ id }) => id)];
  const { keepMs } = request;
  const changes =
    keepMs > 0
      ? await readChanges(azure, { ids: asked, since: now - keepMs }, call)
      : new Map<string, string>();
  const isAsked = (id: string) => asked.some((other) => sameId(other, id));
  const unwrapped =
    audit === undefined || keepMs === 0
      ? undefined
      : await readLatelyUsed(
          azure,
          {
            audit,
            vaultUri,
            keyName: key.keyName,
            clusters: clusters.filter(({ id }) => isAsked(id)),
            since: now - keepMs,
            now,
          },
          call,
        );
  const leftAt = changes?.get(formatClusterId(request.cluster).toLowerCase());
  return {
    clusterId,
    use: {
      ...read,
      users: users.map((user) => {
        const changedAt = changes?.get(user.id.toLowerCase());
        return changedAt === undefined ? user : { ...user, changedAt };
      }),
      ...(leftAt === undefined ? {} : { leftAt }),
      ...(unwrapped === undefined ? {} : { unwrapped }),
      isLogRead: changes !== undefined,
    },
  };
}

/** The key that is named, or else the cluster's own, where its vault can be found. */
async function keyOf(
  azure: Azure,
  { request, cluster }: { request: RetirementRequest; cluster: ClusterFacts },
  call: Call,
): Promise<KeyOfVault | undefined> {
  if (request.key !== undefined) {
    return { vaultId: request.key.vaultId, keyName: request.key.name };
  }
  if (cluster.key === undefined) return undefined;
  const { vaultUri, name: keyName } = cluster.key;
  const { subscriptionId } = request.cluster;
  const { value: vault } = await azure.vaults.find({ subscriptionId, vaultUri }, call);
  const id = vault && parseVaultId(vault.id);
  return id && { vaultId: formatVaultId(id), keyName };
}

/** When clusters were last changed, by id in lower case; undefined when the log may not be read. */
async function readChanges(
  azure: Azure,
  { ids, since }: { ids: readonly string[]; since: number },
  call: Call,
): Promise<ReadonlyMap<string, string> | undefined> {
  const subscriptions = new Set(ids.map((id) => id.split('/')[2]?.toLowerCase() ?? ''));
  const newest = new Map<string, string>();
  try {
    for (const subscription of subscriptions) {
      const { value } = await azure.activityLog.writes(subscription, new Date(since), call);
      const changes = value.filter(({ what }) => what === 'cluster-changed');
      // The newest of each comes first, and is what stays.
      for (const { resourceId, at } of changes.toReversed()) {
        newest.set(resourceId.toLowerCase(), at);
      }
    }
    return newest;
  } catch (error) {
    if (error instanceof AzureError && error.status === 403) return undefined;
    throw error;
  }
}
