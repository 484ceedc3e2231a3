import type { DeletedVault, Vault } from '@azure/arm-keyvault';
import { formatVaultId, sameVaultUri, type VaultId } from '#libs/domain/azure-ids.ts';
import type { Call, Seen } from './call-options.ts';
import type { SdkClients } from './sdk-clients.ts';

export interface VaultFacts {
  id: string;
  region: string;
  tenantId: string;
  /** Without a trailing slash. */
  vaultUri: string;
  /** `RegisteringDns` until the vault's name resolves. */
  provisioningState: string;
  softDelete: boolean;
  purgeProtection: boolean;
  /** Roles decide, and the access policies that are still shown do not count. */
  rbac: boolean;
  publicAccess: string;
  firewall: { defaultAction: string; bypass: string };
  accessPolicies: { objectId: string; keyPermissions: string[]; otherPermissions?: string[] }[];
}

/** A vault whose name is held by soft delete; instants are ISO text. */
export interface DeletedVaultFacts {
  /** The resource id that it had, and has again when it is recovered. */
  id: string;
  region: string;
  deletionDate: string;
  scheduledPurgeDate: string;
  purgeProtection: boolean;
}

/** Whose access, and in which tenant. */
export interface Grantee {
  objectId: string;
  tenantId: string;
}

/** Microsoft.KeyVault/vaults. Every method throws AzureError. */
export interface Vaults {
  read(id: VaultId, call: Call): Promise<Seen<VaultFacts | undefined>>;
  /** The vault behind a URI, among those of a subscription that we may read. */
  find(
    sought: { subscriptionId: string; vaultUri: string },
    call: Call,
  ): Promise<Seen<VaultFacts | undefined>>;
  readDeleted(
    deleted: { name: string; subscriptionId: string; region: string },
    call: Call,
  ): Promise<Seen<DeletedVaultFacts | undefined>>;
  /** The deleted vault that was behind a URI, among those of a subscription. */
  findDeleted(
    sought: { subscriptionId: string; vaultUri: string },
    call: Call,
  ): Promise<Seen<DeletedVaultFacts | undefined>>;
  /** A vault whose keys a cluster can use: ninety days of soft delete and purge protection, which is for ever. */
  create(
    id: VaultId,
    vault: { region: string; tenantId: string; tags: Record<string, string> },
    call: Call,
  ): Promise<Seen<VaultFacts>>;
  /** Has a deleted vault back under its id, with its keys and access policies, without its role assignments. */
  recover(
    id: VaultId,
    vault: { region: string; tenantId: string },
    call: Call,
  ): Promise<Seen<void>>;
  /** Switches soft delete and purge protection on, for ever, and changes nothing else (R26, R27). */
  protect(id: VaultId, call: Call): Promise<Seen<VaultFacts>>;
  /** Adds key permissions of one object; what others have, and what it has already, stays. */
  addAccess(
    id: VaultId,
    access: Grantee & { keyPermissions: readonly string[] },
    call: Call,
  ): Promise<Seen<void>>;
  /** Takes away all that one object has. */
  removeAccess(id: VaultId, grantee: Grantee, call: Call): Promise<Seen<void>>;
}

export function createVaults({ wire, vaults }: SdkClients): Vaults {
  const of = (id: VaultId) => vaults(id.subscriptionId).vaults;
  return {
    read: (id, call) =>
      wire.read({ doing: 'reading vault', target: formatVaultId(id) }, call, async (options) =>
        toFacts(await of(id).get(id.resourceGroup, id.name, options)),
      ),
    ...finding({ wire, vaults }),
    readDeleted: ({ name, subscriptionId, region }, call) =>
      wire.read({ doing: 'reading deleted vault', target: name }, call, async (options) =>
        toDeletedFacts(await vaults(subscriptionId).vaults.getDeleted(name, region, options)),
      ),
    create: (id, vault, call) =>
      wire.ask({ doing: 'creating vault', target: formatVaultId(id) }, call, async (options) => {
        let body: unknown;
        await of(id).beginCreateOrUpdate(id.resourceGroup, id.name, toBody(vault), {
          ...options,
          // The poller has no result before the vault's name resolves; the answer shows it already.
          onResponse: (response) => {
            body = response.parsedBody;
          },
        });
        return toFacts(body as Vault);
      }),
    recover: async (id, { region: location, tenantId }, call) => {
      const deed = { doing: 'recovering vault', target: formatVaultId(id) };
      const sku = { family: 'A', name: 'standard' as const };
      const properties = { tenantId, sku, createMode: 'recover' as const };
      const { requestId } = await wire.start(deed, call, (options) =>
        of(id).beginCreateOrUpdate(id.resourceGroup, id.name, { location, properties }, options),
      );
      return { value: undefined, requestId };
    },
    protect: (id, call) =>
      wire.ask({ doing: 'protecting vault', target: formatVaultId(id) }, call, async (options) => {
        const properties = { enableSoftDelete: true, enablePurgeProtection: true };
        return toFacts(await of(id).update(id.resourceGroup, id.name, { properties }, options));
      }),
    addAccess: (id, { objectId, tenantId, keyPermissions }, call) =>
      changeAccess(id, { kind: 'add', objectId, tenantId, keys: [...keyPermissions] }, call),
    removeAccess: (id, { objectId, tenantId }, call) =>
      changeAccess(id, { kind: 'remove', objectId, tenantId }, call),
  };

  async function changeAccess(
    id: VaultId,
    change: Grantee & { kind: 'add' | 'remove'; keys?: string[] },
    call: Call,
  ): Promise<Seen<void>> {
    const { kind, objectId, tenantId, keys } = change;
    const permissions = keys === undefined ? {} : { keys };
    const parameters = { properties: { accessPolicies: [{ objectId, tenantId, permissions }] } };
    const doing = `${kind === 'add' ? 'adding' : 'removing'} access of ${objectId} at vault`;
    const deed = { doing, target: formatVaultId(id) };
    const { requestId } = await wire.start(deed, call, (options) =>
      of(id).updateAccessPolicy(id.resourceGroup, id.name, kind, parameters, options),
    );
    return { value: undefined, requestId };
  }
}

/** Vaults are known by their address to clusters, and to Azure by their resource id. */
function finding({
  wire,
  vaults,
}: Pick<SdkClients, 'wire' | 'vaults'>): Pick<Vaults, 'find' | 'findDeleted'> {
  return {
    find: ({ subscriptionId, vaultUri }, call) =>
      wire.ask({ doing: 'looking for vault', target: vaultUri }, call, async (options) => {
        for await (const vault of vaults(subscriptionId).vaults.listBySubscription(options)) {
          const facts = toFacts(vault);
          if (sameVaultUri(facts.vaultUri, vaultUri)) return facts;
        }
        return undefined;
      }),
    findDeleted: ({ subscriptionId, vaultUri }, call) =>
      wire.ask({ doing: 'looking for deleted vault', target: vaultUri }, call, async (options) => {
        for await (const deleted of vaults(subscriptionId).vaults.listDeleted(options)) {
          const uri = `https://${deleted.name ?? ''}.vault.azure.net`;
          if (sameVaultUri(uri, vaultUri)) return toDeletedFacts(deleted);
        }
        return undefined;
      }),
  };
}

function toBody(vault: { region: string; tenantId: string; tags: Record<string, string> }) {
  return {
    location: vault.region,
    tags: vault.tags,
    properties: {
      tenantId: vault.tenantId,
      sku: { family: 'A', name: 'standard' as const },
      enableSoftDelete: true,
      // The longest that Azure offers: what is lost with a key cannot be had back.
      softDeleteRetentionInDays: 90,
      enablePurgeProtection: true,
      enableRbacAuthorization: false,
      accessPolicies: [],
    },
  };
}

function toFacts({ id, location, properties }: Vault): VaultFacts {
  const { networkAcls } = properties;
  return {
    id: id ?? '',
    region: location ?? '',
    tenantId: properties.tenantId,
    vaultUri: (properties.vaultUri ?? '').replace(/\/+$/u, ''),
    provisioningState: properties.provisioningState ?? 'Succeeded',
    // Absent in old answers: on by default, and never off again once on.
    softDelete: properties.enableSoftDelete ?? true,
    purgeProtection: properties.enablePurgeProtection ?? false,
    rbac: properties.enableRbacAuthorization ?? false,
    publicAccess: properties.publicNetworkAccess ?? 'Enabled',
    firewall: {
      defaultAction: networkAcls?.defaultAction ?? 'Allow',
      bypass: networkAcls?.bypass ?? 'AzureServices',
    },
    accessPolicies: (properties.accessPolicies ?? []).map(({ objectId, permissions }) => ({
      objectId,
      keyPermissions: permissions.keys ?? [],
      otherPermissions: [
        ...(permissions.secrets ?? []).map((word) => `${word} of secrets`),
        ...(permissions.certificates ?? []).map((word) => `${word} of certificates`),
      ],
    })),
  };
}

function toDeletedFacts({ properties }: DeletedVault): DeletedVaultFacts {
  return {
    id: properties?.vaultId ?? '',
    region: properties?.location ?? '',
    deletionDate: properties?.deletionDate?.toISOString() ?? '',
    scheduledPurgeDate: properties?.scheduledPurgeDate?.toISOString() ?? '',
    purgeProtection: properties?.purgeProtectionEnabled ?? false,
  };
}
