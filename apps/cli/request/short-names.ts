import { formatVaultId, formatWorkspaceId } from '#libs/domain/azure-ids.ts';
import type { ClusterId } from '#libs/domain/azure-ids.ts';
import type { RawRequest } from './request-file.ts';
import { isMembers } from './request-file.ts';

/**
 * The request with what people leave out: the subscription, from the settings, and the front of
 * resource ids. A vault or workspace written as `name` or `group/name` lies where the cluster lies;
 * whatever does not fit is left as it is, for the API to judge.
 */
export function withFullNames(request: RawRequest, subscription?: string): RawRequest {
  const named = withSubscription(request, subscription);
  const place = placeOf(named['cluster']);
  if (place === undefined) return named;
  const { key, workspaces } = named;
  return {
    ...named,
    ...(isMembers(key) && {
      key:
        'vaultId' in key ? { ...key, vaultId: expand(key['vaultId'], place, formatVaultId) } : key,
    }),
    ...(Array.isArray(workspaces) && {
      workspaces: workspaces.map((workspace) => expand(workspace, place, formatWorkspaceId)),
    }),
  };
}

/** A vault's resource id, of which people may write no more than `name` or `group/name`. */
export const fullVaultId = (written: string, place: Place): string =>
  String(expand(written, place, formatVaultId));

type Place = Pick<ClusterId, 'subscriptionId' | 'resourceGroup'>;

function withSubscription(request: RawRequest, subscription: string | undefined): RawRequest {
  const { cluster } = request;
  if (subscription === undefined || !isMembers(cluster) || 'subscriptionId' in cluster) {
    return request;
  }
  return { ...request, cluster: { subscriptionId: subscription, ...cluster } };
}

function placeOf(cluster: unknown): Place | undefined {
  if (!isMembers(cluster)) return undefined;
  const { subscriptionId, resourceGroup } = cluster;
  if (typeof subscriptionId !== 'string' || typeof resourceGroup !== 'string') return undefined;
  return { subscriptionId, resourceGroup };
}

function expand(written: unknown, place: Place, format: (id: ClusterId) => string): unknown {
  if (typeof written !== 'string') return written;
  const parts = /^(?:(?<group>[^/\s]+)[/])?(?<name>[^/\s]+)$/u.exec(written)?.groups;
  if (parts?.['name'] === undefined) return written;
  const resourceGroup = parts['group'] ?? place.resourceGroup;
  return format({ ...place, resourceGroup, name: parts['name'] });
}
