import type { AccessPolicy, NetworkAcls, Vault } from '../../key-vault/vault-documents.ts';
import { badVaultRequest } from './vault-faults.ts';

/** The members of a vault's body that a PUT or PATCH may carry. */
export interface VaultBody {
  location?: string;
  tags?: Record<string, string>;
  properties?: Partial<
    Pick<
      Vault,
      | 'tenantId'
      | 'enableSoftDelete'
      | 'softDeleteRetentionInDays'
      | 'enablePurgeProtection'
      | 'enableRbacAuthorization'
      | 'enabledForDeployment'
      | 'enabledForDiskEncryption'
      | 'enabledForTemplateDeployment'
      | 'publicNetworkAccess'
    >
  > & {
    sku?: { family?: string; name?: string };
    accessPolicies?: unknown;
    networkAcls?: Partial<NetworkAcls> | null;
    createMode?: string;
  };
}

const words = ['text'] as const;
const policiesShape = [
  {
    tenantId: 'text',
    objectId: 'text',
    applicationId: 'text',
    permissions: { keys: words, secrets: words, certificates: words, storage: words },
  },
] as const;

/** The kinds of those members. */
export const vaultShape = {
  location: 'text',
  tags: 'texts',
  properties: {
    tenantId: 'text',
    enableSoftDelete: 'flag',
    softDeleteRetentionInDays: 'number',
    enablePurgeProtection: 'flag',
    enableRbacAuthorization: 'flag',
    enabledForDeployment: 'flag',
    enabledForDiskEncryption: 'flag',
    enabledForTemplateDeployment: 'flag',
    publicNetworkAccess: 'text',
    sku: { family: 'text', name: 'text' },
    accessPolicies: policiesShape,
    networkAcls: {
      bypass: 'text',
      defaultAction: 'text',
      ipRules: [{ value: 'text' }],
      virtualNetworkRules: [{ id: 'text' }],
    },
    createMode: 'text',
  },
} as const;

const kindsOfPermission = ['keys', 'secrets', 'certificates', 'storage'] as const;

const keyWords = new Set(
  (
    'all encrypt decrypt wrapkey unwrapkey sign verify get list create update import delete backup ' +
    'restore recover purge release rotate getrotationpolicy setrotationpolicy'
  ).split(' '),
);

/** At most so many access policies fit into a vault (azure-docs, assign access policy). */
const MAX_POLICIES = 1024;

/** Reads access policies as sent; throws BadRequest for an unknown word, a missing id or too many entries. */
export function readPolicies(sent: unknown): AccessPolicy[] {
  if (!Array.isArray(sent))
    throw badVaultRequest("An invalid value was provided for 'accessPolicies'.");
  if (sent.length > MAX_POLICIES) {
    throw badVaultRequest(`The number of access policies must not exceed ${MAX_POLICIES}.`);
  }
  return sent.map(readPolicy);
}

function readPolicy(sent: unknown): AccessPolicy {
  const policy = sent as Partial<AccessPolicy> | null;
  if (typeof policy?.tenantId !== 'string' || typeof policy.objectId !== 'string') {
    throw badVaultRequest("An invalid value was provided for 'accessPolicies'.");
  }
  const permissions = policy.permissions ?? {};
  for (const word of permissions.keys ?? []) {
    if (keyWords.has(word.toLowerCase())) continue;
    throw badVaultRequest(`An invalid value was provided for 'accessPolicies': '${word}'.`);
  }
  return {
    tenantId: policy.tenantId,
    objectId: policy.objectId,
    ...(policy.applicationId !== undefined && { applicationId: policy.applicationId }),
    permissions: Object.fromEntries(
      kindsOfPermission.flatMap((kind) => {
        const sent = permissions[kind];
        return Array.isArray(sent) ? [[kind, sent]] : [];
      }),
    ),
  };
}

/** Reads network rules as sent, with Azure's defaults for what is left out. */
export function readNetworkAcls(sent: Partial<NetworkAcls>): NetworkAcls {
  return {
    bypass: sent.bypass ?? 'AzureServices',
    defaultAction: sent.defaultAction ?? 'Allow',
    ipRules: sent.ipRules ?? [],
    virtualNetworkRules: sent.virtualNetworkRules ?? [],
  };
}

/** The retention asked for, in days; throws BadRequest outside 7 to 90 (R27, azure-docs soft-delete overview). */
export function readRetention(days: number | undefined): number {
  if (days === undefined) return 90;
  if (Number.isInteger(days) && days >= 7 && days <= 90) return days;
  throw badVaultRequest(
    'The property "softDeleteRetentionInDays" must be a whole number of days between 7 and 90.',
  );
}

/** Refuses what cannot be taken back: soft-delete, purge protection, retention (4.1; R26-R28). */
export function refuseWeakening(
  vault: Vault,
  properties: NonNullable<VaultBody['properties']>,
): void {
  if (vault.enableSoftDelete && properties.enableSoftDelete === false) {
    throw badVaultRequest(
      'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.',
    );
  }
  if (vault.enablePurgeProtection && properties.enablePurgeProtection === false) {
    throw badVaultRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  const days = properties.softDeleteRetentionInDays;
  if (vault.enableSoftDelete && days !== undefined && days !== vault.softDeleteRetentionInDays) {
    throw badVaultRequest(
      'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
    );
  }
}
