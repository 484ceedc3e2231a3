/** What a role permits; `*` in an action stands for any run of characters. */
export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** A role of Azure's own; `guid` is the same in every tenant. */
export interface BuiltInRole {
  readonly guid: string;
  readonly name: string;
  readonly description: string;
  readonly permission: RolePermission;
}

const READ_AROUND_A_VAULT = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
];

/** The built-in roles this simulator knows, with Azure's GUIDs (Azure built-in roles page; R46). */
export const builtInRoles: readonly BuiltInRole[] = [
  {
    guid: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    name: 'Owner',
    description: 'Full access to all resources, including the right to assign roles.',
    permission: permission({ actions: ['*'] }),
  },
  {
    guid: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    name: 'Contributor',
    description: 'Full access to manage all resources, without the right to assign roles.',
    permission: permission({
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
        'Microsoft.Blueprint/blueprintAssignments/write',
        'Microsoft.Blueprint/blueprintAssignments/delete',
        'Microsoft.Compute/galleries/share/action',
      ],
    }),
  },
  {
    guid: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    name: 'Reader',
    description: 'View all resources without making any changes.',
    permission: permission({ actions: ['*/read'] }),
  },
  {
    guid: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    name: 'User Access Administrator',
    description: 'Manage user access to Azure resources.',
    permission: permission({
      actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
    }),
  },
  {
    guid: '92aaf0da-9dab-42b6-94a3-d43ce8d16293',
    name: 'Log Analytics Contributor',
    description: 'Read all monitoring data and edit monitoring settings.',
    permission: permission({
      actions: [
        '*/read',
        'Microsoft.Compute/virtualMachines/extensions/*',
        'Microsoft.HybridCompute/machines/extensions/write',
        'Microsoft.Insights/alertRules/*',
        'Microsoft.Insights/diagnosticSettings/*',
        'Microsoft.OperationalInsights/*',
        'Microsoft.OperationsManagement/*',
        'Microsoft.Resources/deployments/*',
        'Microsoft.Resources/subscriptions/resourcegroups/deployments/*',
        'Microsoft.Storage/storageAccounts/listKeys/action',
        'Microsoft.Support/*',
      ],
    }),
  },
  {
    guid: '73c42c96-874c-492b-b04d-ab87d138a893',
    name: 'Log Analytics Reader',
    description: 'View and search all monitoring data.',
    permission: permission({
      actions: ['*/read', 'Microsoft.OperationalInsights/workspaces/analytics/query/action'],
    }),
  },
  {
    guid: '3913510d-42f4-4e42-8a64-420c390055eb',
    name: 'Monitoring Metrics Publisher',
    description: 'Publish metrics and logs against Azure resources.',
    permission: permission({
      actions: ['Microsoft.Insights/Register/Action', 'Microsoft.Support/*'],
      dataActions: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write'],
    }),
  },
  {
    guid: 'f25e0fa2-a7c8-4377-a976-54943a77a395',
    name: 'Key Vault Contributor',
    description: 'Manage key vaults, without access to what they hold.',
    permission: permission({
      actions: [
        'Microsoft.Authorization/*/read',
        'Microsoft.Insights/alertRules/*',
        'Microsoft.KeyVault/*',
        'Microsoft.Resources/deployments/*',
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Support/*',
      ],
      notActions: [
        'Microsoft.KeyVault/locations/deletedVaults/purge/action',
        'Microsoft.KeyVault/hsmPools/*',
        'Microsoft.KeyVault/managedHsms/*',
      ],
    }),
  },
  {
    guid: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    name: 'Key Vault Administrator',
    description: 'All data-plane operations on a key vault and everything in it.',
    permission: permission({
      actions: READ_AROUND_A_VAULT,
      dataActions: ['Microsoft.KeyVault/vaults/*'],
    }),
  },
  {
    guid: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
    name: 'Key Vault Crypto Officer',
    description: 'Any action on the keys of a key vault, except managing permissions.',
    permission: permission({
      actions: READ_AROUND_A_VAULT,
      dataActions: [
        'Microsoft.KeyVault/vaults/keys/*',
        'Microsoft.KeyVault/vaults/keyrotationpolicies/*',
      ],
    }),
  },
  {
    guid: '12338af0-0e69-4776-bea7-57ae8d297424',
    name: 'Key Vault Crypto User',
    description: 'Cryptographic operations with keys.',
    permission: permission({
      dataActions: [
        'read',
        'update/action',
        'backup/action',
        'encrypt/action',
        'decrypt/action',
        'wrap/action',
        'unwrap/action',
        'sign/action',
        'verify/action',
      ].map((verb) => `Microsoft.KeyVault/vaults/keys/${verb}`),
    }),
  },
  {
    guid: 'e147488a-f6f5-4113-8e2d-b22465e65bf6',
    name: 'Key Vault Crypto Service Encryption User',
    description: 'Read metadata of keys and perform wrap and unwrap operations.',
    permission: permission({
      actions: [
        'Microsoft.EventGrid/eventSubscriptions/write',
        'Microsoft.EventGrid/eventSubscriptions/read',
        'Microsoft.EventGrid/eventSubscriptions/delete',
      ],
      dataActions: [
        'Microsoft.KeyVault/vaults/keys/read',
        'Microsoft.KeyVault/vaults/keys/wrap/action',
        'Microsoft.KeyVault/vaults/keys/unwrap/action',
      ],
    }),
  },
  {
    guid: '21090545-7ca7-4776-b22c-e363652d74d2',
    name: 'Key Vault Reader',
    description: 'Read metadata of key vaults and what they hold, without secret values.',
    permission: permission({
      actions: READ_AROUND_A_VAULT,
      dataActions: [
        'Microsoft.KeyVault/vaults/*/read',
        'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
      ],
    }),
  },
  {
    guid: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    name: 'Storage Table Data Contributor',
    description: 'Read, write and delete access to storage tables and entities.',
    permission: permission({
      actions: [
        'Microsoft.Storage/storageAccounts/tableServices/tables/read',
        'Microsoft.Storage/storageAccounts/tableServices/tables/write',
        'Microsoft.Storage/storageAccounts/tableServices/tables/delete',
      ],
      dataActions: ['Microsoft.Storage/storageAccounts/tableServices/tables/entities/*'],
    }),
  },
];

/** The built-in role of that GUID (any letter case), or undefined. */
export function roleByGuid(guid: string): BuiltInRole | undefined {
  const wanted = guid.toLowerCase();
  return builtInRoles.find((role) => role.guid === wanted);
}

/** The built-in role of that display name. Throws when there is none: names are ours to get right. */
export function roleByName(name: string): BuiltInRole {
  const found = builtInRoles.find((role) => role.name === name);
  if (found === undefined) throw new Error(`looking up the built-in role "${name}": unknown`);
  return found;
}

function permission(part: Partial<RolePermission>): RolePermission {
  return { actions: [], notActions: [], dataActions: [], notDataActions: [], ...part };
}
