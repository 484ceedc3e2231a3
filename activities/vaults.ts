import type { Azure, Call, Seen, VaultFacts } from '#libs/azure/azure.ts';
import { formatVaultId, sameId, type VaultId } from '#libs/domain/azure-ids.ts';
import { clusterKeyPermissions, ownKeyPermissions } from '#libs/domain/service-rules.ts';

import { callAzure } from './azure-call.ts';
import { again, final } from './failures.ts';
import { vaultIdOf } from './resource-ids.ts';

const registeringRetryMs = 3_000;

export interface VaultOrder {
  readonly vaultId: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface VaultEnsured {
  readonly created: boolean;
  readonly vaultUri: string;
  readonly requestId: string;
}

export interface GrantOrder {
  readonly vaultId: string;
  readonly principalId: string;
}

export interface GrantEnsured {
  readonly added: boolean;
  readonly principalId: string;
  readonly permissions: readonly string[];
  readonly requestId: string;
}

/** Deeds on key vaults: each reads first, so that a repeat changes nothing. */
export function vaultActivities(azure: Azure) {
  return {
    /** Makes the vault, recoverable (R26), unless it is there; ends when it can be reached. */
    async ensureVault(order: VaultOrder): Promise<VaultEnsured> {
      const id = vaultIdOf(order.vaultId);
      return await callAzure(async (call, attempt) => {
        const before = await azure.vaults.read(id, call);
        if (before.value === undefined) {
          attempt.tell({ created: true });
          const tenantId = await azure.tenantId();
          await azure.vaults.create(id, { region: order.region, tenantId, tags: order.tags }, call);
        }
        const { value: vault, requestId } = await readVault(azure, id, call);
        if (vault.provisioningState !== 'Succeeded') {
          throw again(
            'StillRunning',
            `creating ${order.vaultId}: ${vault.provisioningState}`,
            registeringRetryMs,
          );
        }
        if (!vault.purgeProtection || !vault.softDelete) {
          throw final('NotAsExpected', `creating ${order.vaultId}: the vault is not recoverable`);
        }
        const told = attempt.told() as { created: boolean } | undefined;
        return { created: told?.created === true, vaultUri: vault.vaultUri, requestId };
      });
    },

    /** Lets Keyturn's own identity make, find and switch keys in the vault; nothing else. */
    async ensureOwnAccess(vaultId: string): Promise<GrantEnsured> {
      return await callAzure(async (call) => {
        const principalId = await azure.self();
        return await ensureAccess(
          azure,
          { id: vaultIdOf(vaultId), principalId, permissions: ownKeyPermissions },
          call,
        );
      });
    },

    /** Lets the cluster's identity get, wrap and unwrap: the three it needs (R46, R50). */
    async ensureGrant({ vaultId, principalId }: GrantOrder): Promise<GrantEnsured> {
      return await callAzure(
        async (call) =>
          await ensureAccess(
            azure,
            { id: vaultIdOf(vaultId), principalId, permissions: clusterKeyPermissions },
            call,
          ),
      );
    },

    /** Takes the cluster's grant back; the undo of `ensureGrant`. */
    async removeGrant({ vaultId, principalId }: GrantOrder): Promise<void> {
      await callAzure(async (call) => {
        const id = vaultIdOf(vaultId);
        const { value: vault } = await azure.vaults.read(id, call);
        const policy = vault?.accessPolicies.find(({ objectId }) => sameId(objectId, principalId));
        if (vault === undefined || policy === undefined) return;
        await azure.vaults.removeAccess(
          id,
          { objectId: principalId, tenantId: vault.tenantId },
          call,
        );
      });
    },
  };
}

interface Access {
  readonly id: VaultId;
  readonly principalId: string;
  readonly permissions: readonly string[];
}

/** Merges permissions into the principal's policy and reads back that they are there. */
async function ensureAccess(azure: Azure, access: Access, call: Call): Promise<GrantEnsured> {
  const { id, principalId, permissions } = access;
  const { value: before, requestId } = await readVault(azure, id, call);
  if (holds(before, access)) return { added: false, principalId, permissions, requestId };
  await azure.vaults.addAccess(
    id,
    { objectId: principalId, tenantId: before.tenantId, keyPermissions: permissions },
    call,
  );
  const after = await readVault(azure, id, call);
  if (!holds(after.value, access)) {
    throw again('Busy', `granting on ${formatVaultId(id)}: not readable yet`, registeringRetryMs);
  }
  return { added: true, principalId, permissions, requestId: after.requestId };
}

/** Whether the principal's policy has all permissions; words are compared without case (azure-domain 4.4). */
export function holds(
  vault: Pick<VaultFacts, 'accessPolicies'>,
  { principalId, permissions }: Pick<Access, 'principalId' | 'permissions'>,
): boolean {
  const held = vault.accessPolicies
    .filter(({ objectId }) => objectId.toLowerCase() === principalId.toLowerCase())
    .flatMap(({ keyPermissions }) => keyPermissions.map((word) => word.toLowerCase()));
  return permissions.every((word) => held.includes(word.toLowerCase()) || held.includes('all'));
}

async function readVault(azure: Azure, id: VaultId, call: Call): Promise<Seen<VaultFacts>> {
  const { value, requestId } = await azure.vaults.read(id, call);
  if (value === undefined)
    throw final('NotAsExpected', `reading ${formatVaultId(id)}: the vault is gone`);
  return { value, requestId };
}
