import type { Info } from '@temporalio/activity';
import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

import { AzureError, type AzureErrorFacts } from '#libs/azure/azure-error.ts';
import type { Azure, ClusterFacts, VaultFacts } from '#libs/azure/azure.ts';

/** An Azure of which specs give only the parts they expect to be used. */
export type AzureParts = {
  readonly [Part in keyof Azure]?: Azure[Part] extends (...input: never) => unknown
    ? Azure[Part]
    : Partial<Azure[Part]>;
};

const self = 'keyturn-principal';
const tenant = 'tenant';

/** An Azure that answers with the parts given; any other call fails, for it was not expected. */
export const standInAzure = (parts: AzureParts): Azure =>
  ({ self: async () => self, tenantId: async () => tenant, ...parts }) as Azure;

/** An answer as Azure's reads give it. */
export const seen = async <T>(value: T) => ({ value, requestId: 'request-1' });

/** Azure took a write. */
export const accepted = async (operationUrl?: string) => ({
  accepted: true as const,
  requestId: 'request-2',
  ...(operationUrl === undefined ? {} : { operationUrl }),
});

/** A failed call; unless told otherwise, Azure's answer to a request that reached it. */
export const azureError = (facts: Partial<AzureErrorFacts>): AzureError =>
  new AzureError({ doing: 'trying', target: '/thing' }, { kind: 'answer', sent: true, ...facts });

/** Azure's answer of a status, with its words. */
export const answer = (status: number, azureMessage = ''): AzureError =>
  azureError({ status, azureMessage });

const ignore = () => {};
/** Failures are what these specs ask for: they are no news. */
const silence: Logger = {
  log: ignore,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

/** Runs one attempt of an activity; `told` collects what it tells to Temporal. */
export async function runAttempt<T>(
  deed: () => Promise<T>,
  info: Partial<Info> = {},
  told: unknown[] = [],
): Promise<T> {
  const environment = new MockActivityEnvironment(info, { logger: silence });
  environment.on('heartbeat', (details) => told.push(details));
  return await environment.run(deed);
}

export const vaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv';

/** A vault as a cluster needs it, with nobody let in. */
export const goodVault: VaultFacts = {
  id: vaultId,
  region: 'westeurope',
  tenantId: tenant,
  vaultUri: 'https://kv.vault.azure.net',
  provisioningState: 'Succeeded',
  softDelete: true,
  purgeProtection: true,
  rbac: false,
  publicAccess: 'Enabled',
  firewall: { defaultAction: 'Allow', bypass: 'AzureServices' },
  accessPolicies: [],
};

/** A cluster with nothing amiss, to which no key is bound. */
export const goodCluster: ClusterFacts = {
  id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/main',
  region: 'westeurope',
  provisioningState: 'Succeeded',
  identityType: 'SystemAssigned',
  principalId: 'principal',
  tenantId: tenant,
  workspaces: [],
};
