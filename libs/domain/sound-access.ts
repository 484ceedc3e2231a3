import type { KeyAccessFacts } from './diagnose.ts';

/** A cluster that can use its key, with nothing in the way: what specs change one thing of. */
export const soundAccess: KeyAccessFacts = {
  cluster: {
    id: '/cluster',
    region: 'westeurope',
    tenantId: 't',
    identityType: 'SystemAssigned',
    principalId: 'p',
  },
  vaultId: '/vault',
  vault: {
    id: '/vault',
    region: 'westeurope',
    tenantId: 't',
    purgeProtection: true,
    softDelete: true,
    rbac: false,
    shutsOutAzure: false,
    restricted: false,
    ownAccess: true,
  },
  keyId: 'https://kv.vault.azure.net/keys/cmk',
  version: { enabled: true },
  missingGrants: [],
  now: Date.parse('2026-03-01T00:00:00Z'),
};
