import type { Identity } from '@azure/arm-msi';
import {
  formatUserAssignedIdentityId,
  type UserAssignedIdentityId,
} from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

/** A user-assigned managed identity. */
export interface IdentityFacts {
  id: string;
  region: string;
  principalId: string;
  tenantId: string;
}

/** Microsoft.ManagedIdentity/userAssignedIdentities. Every method throws AzureError. */
export interface Identities {
  read(id: UserAssignedIdentityId, call: Call): Promise<Seen<IdentityFacts | undefined>>;
}

export function createIdentities({ wire, identities }: SdkClients): Identities {
  return {
    read: (id, call) =>
      wire.read(
        { doing: 'reading identity', target: formatUserAssignedIdentityId(id) },
        call,
        async (options) =>
          toFacts(
            await identities(id.subscriptionId).userAssignedIdentities.get(
              id.resourceGroup,
              id.name,
              options,
            ),
          ),
      ),
  };
}

const toFacts = ({ id, location, principalId, tenantId }: Identity): IdentityFacts => ({
  id: id ?? '',
  region: location,
  principalId: principalId ?? '',
  tenantId: tenantId ?? '',
});
