/**
 * The one door to Azure. It offers deeds and facts, never an SDK object; what the SDKs get wrong ends
 * behind it.
 */
import type { TokenCredential } from '@azure/core-auth';
import type { Dial } from '#libs/dial/dial.ts';
import { type ActivityLog, createActivityLog } from './activity-log.ts';
import type { Call } from './call-options.ts';
import { type Clusters, createClusters } from './clusters.ts';
import { createIdentities, type Identities } from './identities.ts';
import { createKeys, type Keys } from './keys.ts';
import { createLogs, type Logs } from './logs.ts';
import { type OperationStatus, readOperation } from './long-operation.ts';
import { readOwnClaims } from './own-claims.ts';
import { createRoles, type Roles } from './roles.ts';
import { createSdkClients } from './sdk-clients.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';
import { createVaults, type Vaults } from './vaults.ts';
import { createWire, type Exchange } from './wire.ts';
import { createWorkspaces, type Workspaces } from './workspaces.ts';

export type { LoggedWrite } from './activity-log.ts';
export type { Call, Seen } from './call-options.ts';
export type { ClusterFacts } from './clusters.ts';
export type { KeyFacts, KeyVersionFacts, RotationPolicyFacts } from './keys.ts';
export type { LogStream } from './logs.ts';
export type { OperationStatus } from './long-operation.ts';
export type { PermissionFacts, RoleAssignmentFacts } from './roles.ts';
export type { VaultFacts } from './vaults.ts';
export type { Exchange, Started } from './wire.ts';

export interface Azure {
  clusters: Clusters;
  workspaces: Workspaces;
  vaults: Vaults;
  keys: Keys;
  roles: Roles;
  subscriptions: Subscriptions;
  identities: Identities;
  activityLog: ActivityLog;
  logs: Logs;
  /** The object id of our own principal, as its token says. @throws AzureError */
  self: () => Promise<string>;
  /** The tenant of our own principal. @throws AzureError */
  tenantId: () => Promise<string>;
  /** Asks once how a long operation goes, by the URL that `Started` carries. @throws AzureError */
  longOperation: (url: string, call: Call) => Promise<OperationStatus>;
}

export interface AzureOptions {
  credential: TokenCredential;
  /** The way to a simulator; absent, names mean what they mean. */
  dial?: Dial;
  /** Further headers for every request but those for tokens, asked anew each time. */
  extraHeaders?: () => Record<string, string>;
  /** The deadline of one call, all its pages included; 60_000 unless told. */
  requestTimeoutMs?: number;
  /** Told of every request but those for tokens, when it is answered or has failed. */
  onExchange?: (exchange: Exchange) => void;
}

/** Opens the door. Nothing is sent before the first call. */
export function createAzure({ credential, ...options }: AzureOptions): Azure {
  const clients = createSdkClients(credential, createWire(options));
  const claims = () => readOwnClaims(credential, options.requestTimeoutMs);
  return {
    clusters: createClusters(clients),
    workspaces: createWorkspaces(clients),
    vaults: createVaults(clients),
    keys: createKeys(clients),
    roles: createRoles(clients),
    subscriptions: createSubscriptions(clients),
    identities: createIdentities(clients),
    activityLog: createActivityLog(clients),
    logs: createLogs(clients),
    self: async () => (await claims()).objectId,
    tenantId: async () => (await claims()).tenantId,
    longOperation: (url, call) => readOperation(clients, url, call),
  };
}
