import type { Azure, Call, Seen, VaultFacts } from '#libs/azure/azure.ts';
import { formatVaultId, type VaultId } from '#libs/domain/azure-ids.ts';
import { isRecoverable } from '#libs/domain/key-state.ts';

import { callAzure } from './azure-call.ts';
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
  };
}

/** Reads a vault that has to be there. @throws ApplicationFailure NotAsExpected when it is gone */
export async function readVault(azure: Azure, id: VaultId, call: Call): Promise<Seen<VaultFacts>> {
  const { value, requestId } = await azure.vaults.read(id, call);
  if (value === undefined)
    throw final('NotAsExpected', `reading ${formatVaultId(id)}: the vault is gone`);
  return { value, requestId };
}
