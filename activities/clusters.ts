import { activityInfo } from '@temporalio/activity';

import { AzureError } from '#libs/azure/azure-error.ts';
import type { Azure, ClusterFacts, Started } from '#libs/azure/azure.ts';
import { formatClusterId, sameVaultUri, type ClusterId } from '#libs/domain/azure-ids.ts';
import type { Finding } from '#libs/domain/findings.ts';
import type { ProvisionRequest } from '#libs/domain/provision-request.ts';
import { blockerOf, knownError } from '#libs/domain/service-errors.ts';

import { callAzure } from './azure-call.ts';
import { again, final } from './failures.ts';
import { diagnoseKey } from './key-access.ts';

const spreadRetryMs = 10_000;

export type ClusterOrder = Pick<
  ProvisionRequest,
  | 'cluster'
  | 'region'
  | 'capacityGbPerDay'
  | 'billingType'
  | 'identity'
  | 'doubleEncryption'
  | 'tags'
>;

/** How a start ended: done already, running under an operation URL, or not to be had. */
export type StartResult =
  | { readonly state: 'done' }
  | { readonly state: 'running'; readonly operationUrl?: string }
  | { readonly state: 'name-reserved' };

export interface Settled {
  readonly state: 'done' | 'running' | 'wrong';
  /** What the resource shows, in words. */
  readonly seen: string;
  readonly principalId?: string;
  readonly doubleEncryption?: boolean;
  /** Why it went wrong, as far as it shows. */
  readonly finding?: Finding;
  readonly requestId: string;
}

export interface BindOrder {
  readonly cluster: ClusterId;
  /** Resource id of the vault. */
  readonly vaultId: string;
  readonly vaultUri: string;
  readonly keyName: string;
  /** Empty: the cluster follows the latest version by itself (R93). */
  readonly keyVersion: string;
  /** How long, in ms, a refused key may only mean that the grant spreads (R49); 0 where it is not fresh. */
  readonly grantSpreadMs: number;
}

/** Deeds on clusters: start looks first, settle reads back and alone decides. */
export function clusterActivities(azure: Azure) {
  return {
    /** Sends the creation unless the cluster is there: identity first, never with the key (R15, R35). */
    async startCluster(order: ClusterOrder): Promise<StartResult> {
      return await callAzure(async (call) => {
        const { value: existing } = await azure.clusters.read(order.cluster, call);
        if (existing !== undefined) return stateOf(existing);
        try {
          return runningUnder(await azure.clusters.create(order.cluster, orderBody(order), call));
        } catch (error) {
          if (error instanceof AzureError && error.status === 409 && isNotBusy(error))
            return { state: 'name-reserved' };
          throw error;
        }
      });
    },

    async settleCluster(cluster: ClusterId): Promise<Settled> {
      return await callAzure(async (call) => {
        const { value, requestId } = await azure.clusters.read(cluster, call);
        if (value === undefined)
          return { state: 'wrong', seen: 'the cluster is not there', requestId };
        const seen = `provisioning state ${value.provisioningState}`;
        const { principalId, doubleEncryption } = value;
        if (value.provisioningState === 'Succeeded' && principalId !== undefined) {
          const encrypted = doubleEncryption === undefined ? {} : { doubleEncryption };
          return { state: 'done', seen, principalId, ...encrypted, requestId };
        }
        return { state: isMoving(value) ? 'running' : 'wrong', seen, requestId };
      });
    },

    /** Sends the key, and nothing else (R54), unless the cluster shows it already. */
    async startBind(order: BindOrder): Promise<StartResult> {
      return await callAzure(async (call, attempt) => {
        const { value: existing } = await azure.clusters.read(order.cluster, call);
        if (existing === undefined)
          throw final('NotAsExpected', `binding ${formatClusterId(order.cluster)}: it is gone`);
        if (isMoving(existing)) return { state: 'running' };
        if (isAsOrdered(existing, order)) return { state: 'done' };
        try {
          return runningUnder(await azure.clusters.bindKey(order.cluster, order, call));
        } catch (error) {
          const refused = keyRefusal(error);
          if (refused === undefined) throw error;
          if (activityInfo().attempt * spreadRetryMs <= order.grantSpreadMs) {
            throw again('GrantSpreading', refused.message, spreadRetryMs);
          }
          const wanted = { ...order, now: attempt.now() };
          const cause = await diagnoseKey(azure, { cluster: existing, wanted }, call);
          throw final('NotAsExpected', refused.message, cause ?? refused.finding);
        }
      });
    },

    async settleBind(order: BindOrder): Promise<Settled> {
      return await callAzure(async (call, attempt) => {
        const { value, requestId } = await azure.clusters.read(order.cluster, call);
        if (value === undefined)
          return { state: 'wrong', seen: 'the cluster is not there', requestId };
        const seen = `provisioning state ${value.provisioningState}, key ${value.key?.name ?? 'none'} ${value.key?.version ?? ''}`;
        if (isMoving(value)) return { state: 'running', seen, requestId };
        if (showsKey(value, order)) return { state: 'done', seen, requestId };
        const wanted = { ...order, mustShow: true as const, now: attempt.now() };
        const finding = await diagnoseKey(azure, { cluster: value, wanted }, call);
        return { state: 'wrong', seen, requestId, ...(finding === undefined ? {} : { finding }) };
      });
    },
  };
}

function orderBody({
  region,
  capacityGbPerDay,
  billingType,
  identity,
  doubleEncryption,
  tags,
}: ClusterOrder) {
  const refused = doubleEncryption ? {} : { doubleEncryption: false as const };
  const given = identity.type === 'UserAssigned' ? { userAssignedIdentity: identity.id } : {};
  return { region, capacityGbPerDay, billingType, tags, ...given, ...refused };
}

function stateOf(cluster: ClusterFacts): StartResult {
  return { state: isMoving(cluster) ? 'running' : 'done' };
}

const runningUnder = ({ operationUrl }: Started): StartResult =>
  operationUrl === undefined ? { state: 'running' } : { state: 'running', operationUrl };

/** States other than these three are on the way to somewhere (R17, R153). */
export const isMoving = ({ provisioningState }: ClusterFacts): boolean =>
  !['Succeeded', 'Failed', 'Canceled'].includes(provisioningState);

/**
 * Whether a bind would change nothing. A cluster that shows a version may follow it or the latest (R162): to
 * have it follow the latest it is told so again, which is harmless.
 */
const isAsOrdered = (cluster: ClusterFacts, order: BindOrder): boolean =>
  showsKey(cluster, order) && (order.keyVersion !== '' || cluster.key?.version === '');

/** Whether the cluster shows the key asked for; with automatic following any version will do (R162). */
export function showsKey({ key }: Pick<ClusterFacts, 'key'>, order: BindOrder): boolean {
  if (key === undefined || !sameVaultUri(key.vaultUri, order.vaultUri)) return false;
  if (key.name.toLowerCase() !== order.keyName.toLowerCase()) return false;
  return order.keyVersion === '' || key.version.toLowerCase() === order.keyVersion.toLowerCase();
}

/** A 409 at creation that is not one of the busy wordings is the held name (R43, R124, R160). */
function isNotBusy(error: AzureError): boolean {
  return knownError(409, error.azureMessage ?? '')?.meaning !== 'busy';
}

/** Azure's one sentence for a key that the cluster could not use (R112); undefined for any other error. */
function keyRefusal(error: unknown): { message: string; finding: Finding } | undefined {
  if (!(error instanceof AzureError)) return undefined;
  const known = knownError(error.status ?? 0, error.azureMessage ?? '');
  if (known?.meaning !== 'key-not-validated') return undefined;
  return { message: error.message, finding: blockerOf(known, error.target) };
}
