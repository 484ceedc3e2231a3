/** Requests that would be right, each to be spoilt in one place. */
export const samples: readonly { method: string; at: string; body: object }[] = [
  {
    method: 'PUT',
    at: 'Microsoft.OperationalInsights/clusters/clu-new',
    body: {
      location: 'westeurope',
      tags: { team: 'a' },
      sku: { name: 'CapacityReservation', capacity: 500 },
      identity: { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/x': {} } },
      properties: {
        billingType: 'Cluster',
        isDoubleEncryptionEnabled: true,
        keyVaultProperties: {
          keyVaultUri: 'https://kv-trading.vault.azure.net',
          keyName: 'key-trading',
          keyVersion: '',
          keyRsaSize: 0,
        },
      },
    },
  },
  {
    method: 'PATCH',
    at: 'Microsoft.OperationalInsights/clusters/clu-trading',
    body: {
      tags: {},
      identity: { type: 'SystemAssigned' },
      sku: { name: 'CapacityReservation', capacity: 1000 },
      properties: { keyVaultProperties: { keyVaultUri: '', keyName: '', keyVersion: '' } },
    },
  },
  {
    method: 'PUT',
    at: 'Microsoft.OperationalInsights/workspaces/ws-team-01/linkedServices/cluster',
    body: { properties: { writeAccessResourceId: '/subscriptions/x' } },
  },
  {
    method: 'PUT',
    at: 'Microsoft.OperationalInsights/workspaces/ws-new',
    body: {
      location: 'westeurope',
      tags: {},
      identity: { type: 'SystemAssigned' },
      properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 },
    },
  },
  {
    method: 'PUT',
    at: 'Microsoft.OperationalInsights/workspaces/ws-team-01/linkedStorageAccounts/Query',
    body: { properties: { storageAccountIds: ['/subscriptions/x'] } },
  },
  {
    method: 'PUT',
    at: 'Microsoft.OperationalInsights/workspaces/ws-team-01/savedSearches/one',
    body: { etag: '*', properties: { category: 'a', displayName: 'b', query: 'c' } },
  },
  {
    method: 'PUT',
    at: 'Microsoft.KeyVault/vaults/kv-new',
    body: {
      location: 'westeurope',
      tags: {},
      properties: {
        tenantId: 't',
        sku: { family: 'A', name: 'standard' },
        accessPolicies: [{ tenantId: 't', objectId: 'o', permissions: { keys: ['get'] } }],
        enablePurgeProtection: true,
        enableRbacAuthorization: false,
        softDeleteRetentionInDays: 90,
        createMode: 'default',
        networkAcls: { bypass: 'None', defaultAction: 'Deny', ipRules: [{ value: '1.2.3.4/32' }] },
      },
    },
  },
  {
    method: 'PUT',
    at: 'Microsoft.KeyVault/vaults/kv-audit/accessPolicies/add',
    body: {
      properties: {
        accessPolicies: [{ tenantId: 't', objectId: 'o', permissions: { keys: ['get'] } }],
      },
    },
  },
  {
    method: 'PUT',
    at: 'Microsoft.Storage/storageAccounts/stone',
    body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, tags: {} },
  },
  {
    method: 'PUT',
    at: 'Microsoft.ManagedIdentity/userAssignedIdentities/id-new',
    body: { location: 'westeurope', tags: {} },
  },
  {
    method: 'PUT',
    at: `Microsoft.Authorization/roleAssignments/${'1'.repeat(8)}-1111-4111-8111-${'1'.repeat(12)}`,
    body: {
      properties: {
        principalId: `${'2'.repeat(8)}-1111-4111-8111-${'1'.repeat(12)}`,
        principalType: 'ServicePrincipal',
        roleDefinitionId: '/x/21090545-7ca7-4776-b22c-e363652d74d2',
      },
    },
  },
  {
    method: 'PUT',
    at: `Microsoft.Authorization/roleDefinitions/${'3'.repeat(8)}-1111-4111-8111-${'1'.repeat(12)}`,
    body: {
      properties: {
        roleName: 'custom',
        permissions: [{ actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }],
        assignableScopes: ['/'],
      },
    },
  },
  {
    method: 'PUT',
    at: 'Microsoft.Insights/dataCollectionRules/dcr-new',
    body: {
      location: 'westeurope',
      properties: {
        dataCollectionEndpointId: '/subscriptions/x',
        streamDeclarations: { 'Custom-A_CL': { columns: [{ name: 'A', type: 'string' }] } },
        destinations: { logAnalytics: [{ workspaceResourceId: '/x', name: 'a' }] },
        dataFlows: [
          {
            streams: ['Custom-A_CL'],
            destinations: ['a'],
            transformKql: 'source',
            outputStream: 'Custom-A_CL',
          },
        ],
      },
    },
  },
  {
    method: 'POST',
    at: 'https://kv-trading.vault.azure.net/keys/key-new/create?api-version=7.5',
    body: {
      kty: 'EC',
      crv: 'P-256',
      key_size: 2048,
      key_ops: ['sign'],
      attributes: { enabled: true, nbf: 1, exp: 2_000_000_000 },
      tags: { a: 'b' },
    },
  },
  {
    method: 'PUT',
    at: 'https://kv-trading.vault.azure.net/keys/key-new?api-version=7.5',
    body: { key: { kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }, attributes: {}, tags: {} },
  },
  {
    method: 'PATCH',
    at: 'https://kv-trading.vault.azure.net/keys/key-trading?api-version=7.5',
    body: { key_ops: ['wrapKey'], attributes: { enabled: true }, tags: {} },
  },
  {
    method: 'PUT',
    at: 'https://kv-trading.vault.azure.net/keys/key-trading/rotationpolicy?api-version=7.5',
    body: {
      lifetimeActions: [{ trigger: { timeAfterCreate: 'P90D' }, action: { type: 'Rotate' } }],
      attributes: { expiryTime: 'P1Y' },
    },
  },
  {
    method: 'POST',
    at: 'https://kv-trading.vault.azure.net/keys/key-trading/wrapkey?api-version=7.5',
    body: { alg: 'RSA-OAEP', value: 'AAAA' },
  },
];
