/**
 * Azure resource ids as types. Azure compares ids without regard to case and answers them in several
 * forms (R174), so ids are parsed once, compared by `sameId`, and shown in the form the caller used.
 */

/** A dedicated cluster, named by subscription, resource group and name. */
export interface ClusterId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A Log Analytics workspace. */
export interface WorkspaceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A key vault. */
export interface VaultId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A user-assigned managed identity. */
export interface UserAssignedIdentityId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** One version of a key: `https://{vault}.vault.azure.net/keys/{name}/{32 hex}`. */
export interface KeyVersionId {
  readonly vaultUri: string;
  readonly name: string;
  readonly version: string;
}

type Nested = Pick<ClusterId, 'subscriptionId' | 'resourceGroup' | 'name'>;

function parseResource(text: string, type: string): Nested | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/iu.exec(
      text,
    );
  if (match === null || match[3]?.toLowerCase() !== type.toLowerCase()) return undefined;
  const [, subscriptionId, resourceGroup, , name] = match;
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined)
    return undefined;
  return { subscriptionId, resourceGroup, name };
}

const format = (id: Nested, type: string) =>
  `/subscriptions/${id.subscriptionId}/resourceGroups/${id.resourceGroup}/providers/${type}/${id.name}`;

const clusterType = 'Microsoft.OperationalInsights/clusters';
const workspaceType = 'Microsoft.OperationalInsights/workspaces';
const vaultType = 'Microsoft.KeyVault/vaults';
const identityType = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Parses a cluster's resource id; undefined when the text is none. */
export const parseClusterId = (text: string): ClusterId | undefined =>
  parseResource(text, clusterType);
/** Parses a workspace's resource id; undefined when the text is none. */
export const parseWorkspaceId = (text: string): WorkspaceId | undefined =>
  parseResource(text, workspaceType);
/** Parses a vault's resource id; undefined when the text is none. */
export const parseVaultId = (text: string): VaultId | undefined => parseResource(text, vaultType);

/** Parses a user-assigned identity's resource id; undefined when the text is none. */
export const parseUserAssignedIdentityId = (text: string): UserAssignedIdentityId | undefined =>
  parseResource(text, identityType);

/** The cluster's resource id in ARM's form. */
export const formatClusterId = (id: ClusterId): string => format(id, clusterType);
/** The workspace's resource id in ARM's form. */
export const formatWorkspaceId = (id: WorkspaceId): string => format(id, workspaceType);
/** The vault's resource id in ARM's form. */
export const formatVaultId = (id: VaultId): string => format(id, vaultType);

/** The user-assigned identity's resource id in ARM's form. */
export const formatUserAssignedIdentityId = (id: UserAssignedIdentityId): string =>
  format(id, identityType);
/** The resource id of the group that holds a resource. */
export const groupIdOf = ({ subscriptionId, resourceGroup }: Nested): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;

/** Parses a key version's identifier; undefined when the text is none or names no version. */
export function parseKeyVersionId(text: string): KeyVersionId | undefined {
  const match = /^(https:\/\/[^/]+)\/keys\/([0-9A-Za-z-]{1,127})\/([0-9a-f]{32})$/iu.exec(text);
  if (match === null) return undefined;
  const [, vaultUri, name, version] = match;
  if (vaultUri === undefined || name === undefined || version === undefined) return undefined;
  return { vaultUri, name, version };
}

/** A key version's identifier as Key Vault writes it (`kid`). */
export const formatKeyVersionId = (id: KeyVersionId): string =>
  `${id.vaultUri}/keys/${id.name}/${id.version}`;

/** The vault's URI, `https://{name}.vault.azure.net`, without a trailing slash. */
export const vaultUriOf = (vault: VaultId): string =>
  `https://${vault.name.toLowerCase()}.vault.azure.net`;

/** Whether two resource ids name the same resource: case does not count (R174). */
export const sameId = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase();

/** Whether two vault URIs name the same vault: port, trailing slash and case do not count (R162). */
export function sameVaultUri(left: string, right: string): boolean {
  const host = (uri: string) => uri.toLowerCase().replace(/(:443)?\/*$/u, '');
  return host(left) === host(right);
}

/** Whether two regions are the same: "West Europe" and "westeurope" are (R11). */
export const sameRegion = (left: string, right: string): boolean =>
  normalRegion(left) === normalRegion(right);

/** A region in the one form that is compared and filtered by. */
export const normalRegion = (region: string): string => region.replaceAll(/\s/gu, '').toLowerCase();
