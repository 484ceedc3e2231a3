import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import { MonitorClient } from '@azure/arm-monitor';
import { ManagedServiceIdentityClient } from '@azure/arm-msi';
import { OperationalInsightsManagementClient } from '@azure/arm-operationalinsights';
import type { TokenCredential } from '@azure/core-auth';
import { KeyClient } from '@azure/keyvault-keys';
import { LogsIngestionClient } from '@azure/monitor-ingestion';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import type { Wire } from './wire.ts';

/** The SDKs' clients, one for each subscription or vault, all over one wire. */
export interface SdkClients {
  wire: Wire;
  insights: (subscriptionId: string) => OperationalInsightsManagementClient;
  vaults: (subscriptionId: string) => KeyVaultManagementClient;
  activityLog: (subscriptionId: string) => MonitorClient;
  roles: (subscriptionId: string) => AuthorizationManagementClient;
  identities: (subscriptionId: string) => ManagedServiceIdentityClient;
  /** The challenge is pinned to the first vault a client talks to, so each vault has its own. */
  keys: (vaultUri: string) => KeyClient;
  ingestion: (endpoint: string) => LogsIngestionClient;
  queries: () => LogsQueryClient;
  /** A client whose pipeline polls: the subscription is in the operation's URL. */
  operations: () => OperationalInsightsManagementClient;
}

/** Makes clients when they are first asked for, and keeps them. */
export function createSdkClients(credential: TokenCredential, wire: Wire): SdkClients {
  const options = wire.clientOptions;
  const insights = keep((id) => new OperationalInsightsManagementClient(credential, id, options));
  const queries = keep(() => new LogsQueryClient(credential, options));
  return {
    wire,
    insights,
    vaults: keep((id) => new KeyVaultManagementClient(credential, id, options)),
    activityLog: keep((id) => new MonitorClient(credential, id, options)),
    roles: keep((id) => new AuthorizationManagementClient(credential, id, options)),
    identities: keep((id) => new ManagedServiceIdentityClient(credential, id, options)),
    keys: keep((uri) => new KeyClient(uri, credential, { ...options })),
    ingestion: keep((endpoint) => new LogsIngestionClient(endpoint, credential, options)),
    queries: () => queries('any'),
    operations: () => insights('any'),
  };
}

function keep<T>(create: (name: string) => T): (name: string) => T {
  const kept = new Map<string, T>();
  return (name) => {
    const key = name.toLowerCase();
    const existing = kept.get(key);
    if (existing !== undefined) return existing;
    const created = create(name);
    kept.set(key, created);
    return created;
  };
}
