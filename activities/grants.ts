import type { Azure, Call, Seen, VaultFacts } from '#libs/azure/azure.ts';
import { formatVaultId } from '#libs/domain/azure-ids.ts';

import { callAzure, type Attempt } from './azure-call.ts';
import { again } from './failures.ts';
import { clusterGrant, grantModelOf, ownGrant, type Grant } from './grant-models.ts';
import { hasOwnAccess } from './own-rights.ts';
import { vaultIdOf } from './resource-ids.ts';
import { readVault } from './vaults.ts';

const readBackMs = 3_000;

export interface GrantOrder {
  readonly vaultId: string;
  readonly principalId: string;
}

export interface GrantEnsured {
  readonly added: boolean;
  /** How the vault lets somebody in (R46). */
  readonly model: 'access-policy' | 'role';
  readonly principalId: string;
  /** Access-policy words, or the name of the role. */
  readonly permissions: readonly string[];
  readonly requestId: string;
}

/** Told before it is done: a grant is fresh also when the attempt that made it died. */
interface Told {
  readonly added: true;
}

/** Deeds on who may use the keys of a vault, by the vault's own model; each reads first and reads back. */
export function grantActivities(azure: Azure) {
  return {
    /** Lets Keyturn's own identity make, find and switch keys in the vault; nothing else. */
    async ensureOwnAccess(vaultId: string): Promise<GrantEnsured> {
      return await callAzure(async (call, attempt) => {
        const principalId = await azure.self();
        const isHeld = async (vault: VaultFacts) => await hasOwnAccess(azure, vault, call);
        return await ensure({ vaultId, principalId, grant: ownGrant, isHeld }, call, attempt);
      });
    },

    /** Lets the cluster's identity get, wrap and unwrap: the three it needs (R46, R50). */
    async ensureGrant({ vaultId, principalId }: GrantOrder): Promise<GrantEnsured> {
      return await callAzure(async (call, attempt) => {
        const isHeld = async (vault: VaultFacts) =>
          await grantModelOf(azure, vault).has({ vault, principalId }, clusterGrant, call);
        return await ensure({ vaultId, principalId, grant: clusterGrant, isHeld }, call, attempt);
      });
    },

    /** Takes the cluster's grant back; the undo of `ensureGrant`. */
    async removeGrant({ vaultId, principalId }: GrantOrder): Promise<void> {
      await callAzure(async (call) => {
        const { value: vault } = await azure.vaults.read(vaultIdOf(vaultId), call);
        if (vault === undefined) return;
        await grantModelOf(azure, vault).remove({ vault, principalId }, clusterGrant, call);
      });
    },
  };

  async function ensure(wanted: Wanted, call: Call, attempt: Attempt): Promise<GrantEnsured> {
    const { vaultId, principalId, grant, isHeld } = wanted;
    const id = vaultIdOf(vaultId);
    const { value: vault, requestId } = await readVault(azure, id, call);
    const model = grantModelOf(azure, vault);
    const ensured = ({ value, requestId: seenBy }: Seen<boolean>): GrantEnsured => ({
      added: value,
      model: model.name,
      principalId,
      permissions: model.permissions(grant),
      requestId: seenBy,
    });
    if (await isHeld(vault)) {
      const wasAdded = (attempt.told() as Told | undefined)?.added === true;
      return ensured({ value: wasAdded, requestId });
    }
    attempt.tell({ added: true } satisfies Told);
    await model.add({ vault, principalId }, grant, call);
    const after = await readVault(azure, id, call);
    if (await model.has({ vault: after.value, principalId }, grant, call)) {
      return ensured({ value: true, requestId: after.requestId });
    }
    throw again('Busy', `granting on ${formatVaultId(id)}: not readable yet`, readBackMs);
  }
}

interface Wanted extends GrantOrder {
  readonly grant: Grant;
  readonly isHeld: (vault: VaultFacts) => Promise<boolean>;
}
