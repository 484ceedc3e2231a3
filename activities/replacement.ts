import type { Azure, Call, ClusterFacts, VaultFacts } from '#libs/azure/azure.ts';
import { formatVaultId, parseVaultId } from '#libs/domain/azure-ids.ts';
import type { ReplacementRequest } from '#libs/domain/operation-request.ts';
import type { Begun } from '#libs/domain/provision-facts.ts';
import { neededRights } from '#libs/domain/provision-rights.ts';
import {
  planReplacement,
  type ClusterToReplace,
  type Replacement,
  type ReplacementFacts,
} from '#libs/domain/replacement.ts';

import { callAzure } from './azure-call.ts';
import { readVaultAndKey, rightsHeld, rightsNeeded } from './key-facts.ts';
import { missingRights } from './own-rights.ts';
import { hashOf } from './plan-hash.ts';
import type { Planned } from './planning.ts';
import type { PlanningMeans } from './provision-facts.ts';
import { vaultIdOf } from './resource-ids.ts';

export interface ReplacementOrder {
  readonly request: ReplacementRequest;
  readonly operationId: string;
  /** Workflow time, epoch ms. */
  readonly now: number;
  readonly begun: Begun;
}

export interface PlannedReplacement extends Planned {
  readonly replacement?: Replacement;
}

/** The plan of a replacement of a key; it only reads. */
export function replacementActivities(means: PlanningMeans) {
  return {
    async planReplacement(order: ReplacementOrder): Promise<PlannedReplacement> {
      const { request, operationId, now, begun } = order;
      return await callAzure(async (call) => {
        const facts = await readFacts(means, request, call);
        const vault = vaultIdOf(request.key.vaultId);
        const given = { rules: means.rules, operationId, now, begun, vault };
        const { plan, ...planned } = planReplacement(request, facts, given);
        return { ...planned, plan: { ...plan, hash: hashOf('replace-key', request, plan) } };
      });
    },
  };
}

async function readFacts(
  { azure, importFolder }: PlanningMeans,
  request: ReplacementRequest,
  call: Call,
): Promise<ReplacementFacts> {
  const tenantId = await azure.tenantId();
  const { value: cluster } = await azure.clusters.read(request.cluster, call);
  if (cluster === undefined) return { tenantId, isGranted: false, missingRights: [] };
  const { key } = request;
  const { region } = cluster;
  const { vault, seen, ...found } = await readVaultAndKey(azure, { ...request, region }, call);
  const isGranted = await isGrantedOn(azure, { vault, cluster }, call);
  const rights = neededRights(
    { cluster: request.cluster, key, identity: { type: 'SystemAssigned' }, workspaces: [] },
    { ...(seen === undefined ? {} : { vault: seen }), identity: { granted: isGranted } },
  );
  const { versions, ...others } = found;
  const { importFrom } = key;
  const importFile = importFrom === undefined ? undefined : await importFolder.look(importFrom);
  return {
    tenantId,
    cluster: await toReplace(azure, { request, cluster }, call),
    ...(seen === undefined ? {} : { vault: seen }),
    ...others,
    ...(versions === undefined ? {} : { keyVersions: versions }),
    ...(importFile === undefined ? {} : { importFile }),
    isGranted,
    missingRights: await missingRights(azure, rights, call),
  };
}

async function isGrantedOn(
  azure: Azure,
  { vault, cluster }: { vault: VaultFacts | undefined; cluster: ClusterFacts },
  call: Call,
): Promise<boolean> {
  const { principalId } = cluster;
  if (vault === undefined || principalId === undefined) return false;
  const held = await rightsHeld(azure, { vault, principalId }, call);
  return rightsNeeded(vault.rbac).every((word) => held.includes(word) || held.includes('all'));
}

/** The cluster in the words of the domain, with the vault of the key that it leaves. */
async function toReplace(
  azure: Azure,
  { request, cluster }: { request: ReplacementRequest; cluster: ClusterFacts },
  call: Call,
): Promise<ClusterToReplace> {
  const { id, region, identityType, principalId, key } = cluster;
  const seen = { id, region, identityType, ...(principalId === undefined ? {} : { principalId }) };
  if (key === undefined) return seen;
  const { vaultUri, name } = key;
  const { subscriptionId } = request.cluster;
  const { value: vault } = await azure.vaults.find({ subscriptionId, vaultUri }, call);
  const vaultId = vault && parseVaultId(vault.id);
  const where = vaultId === undefined ? {} : { vaultId: formatVaultId(vaultId) };
  return { ...seen, key: { vaultUri, name, ...where } };
}
