import { activityInfo } from '@temporalio/activity';

import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, Call, LoggedWrite } from '#libs/azure/azure.ts';
import { formatClusterId, sameId, sameRegion } from '#libs/domain/azure-ids.ts';
import type { Deletions, ProvisionFacts, WorkspaceSeen } from '#libs/domain/provision-facts.ts';
import { neededRights } from '#libs/domain/provision-rights.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { dayMs, type ServiceRules } from '#libs/domain/service-rules.ts';

import type { ImportFolder } from './import-folder.ts';
import { readIdentity, readVaultAndKey } from './key-facts.ts';
import { missingRights } from './own-rights.ts';
import { workspaceIdOf } from './resource-ids.ts';

/** Tries before a log that does not answer is planned without. */
const logTries = 3;

/** What plans are made with. */
export interface PlanningMeans {
  readonly azure: Azure;
  readonly rules: ServiceRules;
  readonly importFolder: ImportFolder;
  /** Whether this worker can probe ingestion and queries. */
  readonly probes: boolean;
}

interface Question {
  readonly request: ProvisionRequest;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** Reads all that a plan of a provision is made from, what is independent at once. */
export async function readProvisionFacts(
  means: PlanningMeans,
  question: Question,
  call: Call,
): Promise<ProvisionFacts> {
  const { azure, importFolder } = means;
  const { request } = question;
  const { subscriptionId } = request.cluster;
  const [tenantId, clusters, { vault, ...key }, workspaces, log] = await Promise.all([
    azure.tenantId(),
    azure.clusters.list(subscriptionId, call),
    readVaultAndKey(azure, request, call),
    Promise.all(request.workspaces.map((id) => readWorkspace(azure, id, call))),
    readLog(means, question, call),
  ]);
  const { importFrom } = request.key;
  const [identity, importFile] = await Promise.all([
    readIdentity(azure, { request, vault }, call),
    importFrom === undefined ? undefined : importFolder.look(importFrom),
  ]);
  const id = formatClusterId(request.cluster);
  const existing = clusters.value.find((other) => sameId(other.id, id));
  const seen = {
    ...(key.seen === undefined ? {} : { vault: key.seen }),
    ...(identity === undefined ? {} : { identity }),
  };
  return {
    tenantId,
    ...(existing === undefined
      ? {}
      : { cluster: { id: existing.id, provisioningState: existing.provisioningState } }),
    ...(log === undefined ? {} : { deletions: deletionsIn(log, means, question) }),
    activeClusters: clusters.value.filter(({ region }) => sameRegion(region, request.region))
      .length,
    ...seen,
    ...(key.deletedVault === undefined ? {} : { deletedVault: key.deletedVault }),
    ...(key.versions === undefined ? {} : { keyVersions: key.versions }),
    ...(key.keyFault === undefined ? {} : { keyFault: key.keyFault }),
    ...(key.deletedKey === undefined ? {} : { deletedKey: key.deletedKey }),
    ...(importFile === undefined ? {} : { importFile }),
    workspaces: workspaces.map((workspace) => withLinks(workspace, log)),
    missingRights: await missingRights(azure, neededRights(request, seen), call),
  };
}

/** The log of the cluster's subscription; undefined when we may not read it, or it will not answer. */
async function readLog(
  { azure, rules }: PlanningMeans,
  { request, now }: Question,
  call: Call,
): Promise<readonly LoggedWrite[] | undefined> {
  const days = Math.max(rules.nameReservationDays, rules.linkBudgetDays);
  try {
    const since = new Date(now - days * dayMs);
    return (await azure.activityLog.writes(request.cluster.subscriptionId, since, call)).value;
  } catch (error) {
    const isRefused = error instanceof AzureError && error.status === 403;
    if (isRefused || activityInfo().attempt > logTries) return undefined;
    throw error;
  }
}

function deletionsIn(
  log: readonly LoggedWrite[],
  { rules }: PlanningMeans,
  { request, now }: Question,
): Deletions {
  const since = new Date(now - rules.nameReservationDays * dayMs).toISOString();
  const deleted = log.filter(({ what, at }) => what === 'cluster-deleted' && at >= since);
  const id = formatClusterId(request.cluster);
  const [newest] = deleted.filter(({ resourceId }) => sameId(resourceId, id));
  return { count: deleted.length, ...(newest === undefined ? {} : { ofThisName: newest.at }) };
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

/** With the links it has spent, newest first, as far as the log tells. */
function withLinks(workspace: WorkspaceSeen, log: readonly LoggedWrite[] | undefined) {
  const linkedAt = log
    ?.filter(
      ({ what, resourceId }) => what === 'workspace-linked' && sameId(resourceId, workspace.id),
    )
    .map(({ at }) => at);
  return linkedAt === undefined ? workspace : { ...workspace, linkedAt };
}
