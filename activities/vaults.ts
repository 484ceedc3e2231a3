import type { Azure, Call, Seen, VaultFacts } from '#libs/azure/azure.ts';
import { formatVaultId, vaultUriOf, type VaultId } from '#libs/domain/azure-ids.ts';
import { isRecoverable } from '#libs/domain/key-state.ts';

import { callAzure, type Attempt } from './azure-call.ts';
import { again, final } from './failures.ts';
import { vaultIdOf } from './resource-ids.ts';

const registeringRetryMs = 3_000;

export interface VaultOrder {
  readonly vaultId: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a vault that is there may be made recoverable, for ever. */
  readonly mayProtect: boolean;
}

export interface VaultEnsured {
  readonly created: boolean;
  /** Purge protection was switched on. */
  readonly protected: boolean;
  readonly vaultUri: string;
  readonly requestId: string;
}

export interface VaultRecovered {
  /** Whether it was deleted, and was had back by us. */
  readonly recovered: boolean;
  readonly vaultUri: string;
  readonly requestId: string;
}

/** What an attempt has done, told before it does it, so that a later one knows. */
interface Done {
  readonly created?: true;
  readonly protected?: true;
}

/** The deed on key vaults: it reads first, so that a repeat changes nothing. */
export function vaultActivities(azure: Azure) {
  return {
    /**
     * Makes the vault, recoverable (R26), or makes the one that is there recoverable where a person said
     * yes to that; ends when it can be reached.
     */
    async ensureVault(order: VaultOrder): Promise<VaultEnsured> {
      const id = vaultIdOf(order.vaultId);
      return await callAzure(async (call, attempt) => {
        const before = await azure.vaults.read(id, call);
        if (before.value === undefined) {
          attempt.tell({ created: true } satisfies Done);
          const tenantId = await azure.tenantId();
          await azure.vaults.create(id, { region: order.region, tenantId, tags: order.tags }, call);
        } else if (order.mayProtect && !isRecoverable(before.value)) {
          attempt.tell({ protected: true } satisfies Done);
          await azure.vaults.protect(id, call);
        }
        const { value: vault, requestId } = await readVault(azure, id, call);
        if (vault.provisioningState !== 'Succeeded') {
          throw again(
            'StillRunning',
            `creating ${order.vaultId}: ${vault.provisioningState}`,
            registeringRetryMs,
          );
        }
        if (!isRecoverable(vault)) {
          throw final('NotAsExpected', `creating ${order.vaultId}: the vault is not recoverable`);
        }
        const done = (attempt.told() ?? {}) as Done;
        return {
          created: done.created === true,
          protected: done.protected === true,
          vaultUri: vault.vaultUri,
          requestId,
        };
      });
    },

    /** Has a deleted vault back under its id (R90); ends when it can be reached. */
    async recoverVault(vaultId: string): Promise<VaultRecovered> {
      const id = vaultIdOf(vaultId);
      return await callAzure(async (call, attempt) => {
        const { value: vault, requestId } = await azure.vaults.read(id, call);
        if (vault === undefined) {
          await recover(id, call, attempt);
          throw again('StillRunning', `recovering ${vaultId}: on its way`, registeringRetryMs);
        }
        if (vault.provisioningState !== 'Succeeded') {
          const message = `recovering ${vaultId}: ${vault.provisioningState}`;
          throw again('StillRunning', message, registeringRetryMs);
        }
        return { recovered: attempt.told() !== undefined, vaultUri: vault.vaultUri, requestId };
      });
    },
  };

  async function recover(id: VaultId, call: Call, attempt: Attempt): Promise<void> {
    const { subscriptionId } = id;
    const sought = { subscriptionId, vaultUri: vaultUriOf(id) };
    const { value: deleted } = await azure.vaults.findDeleted(sought, call);
    if (deleted === undefined) {
      const message = `recovering ${formatVaultId(id)}: it is not there, nor kept`;
      throw final('NotAsExpected', message);
    }
    attempt.tell({ recovered: true });
    const tenantId = await azure.tenantId();
    await azure.vaults.recover(id, { region: deleted.region, tenantId }, call);
  }
}

/** Reads a vault that has to be there. @throws ApplicationFailure NotAsExpected when it is gone */
export async function readVault(azure: Azure, id: VaultId, call: Call): Promise<Seen<VaultFacts>> {
  const { value, requestId } = await azure.vaults.read(id, call);
  if (value === undefined)
    throw final('NotAsExpected', `reading ${formatVaultId(id)}: the vault is gone`);
  return { value, requestId };
}
