import { keyUrl, kidOf } from './key-documents.ts';
import type { DeletedKey, KeyVersion, RotationPolicy } from './key-documents.ts';
import type { Vault } from './vault-documents.ts';

/** A key version as the data plane shows it; instants on the wire are Unix seconds. */
export function bundle(vault: Vault, version: KeyVersion) {
  return {
    key: {
      kid: kidOf(version),
      kty: version.kty,
      key_ops: version.keyOps,
      ...version.publicKey,
    },
    attributes: attributes(vault, version),
    ...(version.tags && { tags: version.tags }),
  };
}

/** An entry of a list: without the public key, and without the version in lists of keys. */
export function listed(vault: Vault, version: KeyVersion, kid: string) {
  return {
    kid,
    attributes: attributes(vault, version),
    ...(version.tags && { tags: version.tags }),
  };
}

/** What every answer about a deleted key carries beside the key itself. */
export function deletion(vault: Vault, deleted: DeletedKey) {
  return {
    recoveryId: keyUrl(vault, `/deletedkeys/${deleted.key.name}`),
    deletedDate: seconds(deleted.deletedAt),
    scheduledPurgeDate: seconds(deleted.scheduledPurgeAt),
  };
}

/** A rotation policy as shown; a key that never had one shows the default reminder (azure-docs, auto-rotation). */
export function policyView(vault: Vault, name: string, policy: RotationPolicy | undefined) {
  const id = keyUrl(vault, `/keys/${name}/rotationpolicy`);
  if (policy === undefined) {
    const reminder = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } };
    return { id, lifetimeActions: [reminder], attributes: {} };
  }
  return {
    id,
    lifetimeActions: policy.lifetimeActions,
    attributes: {
      ...(policy.expiryTime !== undefined && { expiryTime: policy.expiryTime }),
      created: seconds(policy.createdAt),
      updated: seconds(policy.updatedAt),
    },
  };
}

function attributes(vault: Vault, version: KeyVersion) {
  return {
    enabled: version.enabled,
    ...(version.notBefore !== undefined && { nbf: seconds(version.notBefore) }),
    ...(version.expires !== undefined && { exp: seconds(version.expires) }),
    created: seconds(version.createdAt),
    updated: seconds(version.updatedAt),
    recoveryLevel: recoveryLevel(vault),
    ...(vault.enableSoftDelete && { recoverableDays: vault.softDeleteRetentionInDays }),
    exportable: false,
  };
}

/** What becomes of a deleted key; Get is needed to see it, which is why a bind asks for Get (R48). */
function recoveryLevel(vault: Vault): string {
  if (!vault.enableSoftDelete) return 'Purgeable';
  const level = vault.softDeleteRetentionInDays === 90 ? 'Recoverable' : 'CustomizedRecoverable';
  return vault.enablePurgeProtection ? level : `${level}+Purgeable`;
}

function seconds(instantMs: number): number {
  return Math.floor(instantMs / 1000);
}
