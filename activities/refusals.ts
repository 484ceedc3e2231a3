import type { Azure } from '#libs/azure/azure.ts';
import { vaultUriOf } from '#libs/domain/azure-ids.ts';
import type { Evidence } from '#libs/domain/events.ts';
import { refusalEvidence } from '#libs/domain/key-use.ts';

import { callAzure } from './azure-call.ts';
import { readKeyUses, type AuditSource } from './key-uses.ts';
import { vaultIdOf } from './resource-ids.ts';
import type { Access } from './revocation.ts';

export interface RefusalOrder {
  readonly access: Pick<Access, 'vaultId' | 'keyName' | 'principalId'>;
  /** When access was taken away, epoch ms of workflow time. */
  readonly since: number;
}

/** The deed that looks in the vault's audit whether a cluster is refused its key. */
export function refusalActivities(azure: Azure, audit: AuditSource | undefined) {
  return {
    /** Undefined where no audit is configured, or it shows too little. */
    async readRefusals({ access, since }: RefusalOrder): Promise<Evidence | undefined> {
      if (audit === undefined) return undefined;
      return await callAzure(async (call, attempt) => {
        const { vaultId, keyName, principalId } = access;
        const vaultUri = vaultUriOf(vaultIdOf(vaultId));
        const question = { ...audit, vaultUri, keyName, principalId, since, now: attempt.now() };
        const { reading, requestId } = await readKeyUses(azure, question, call);
        const evidence = refusalEvidence(reading, { principalId, since });
        return evidence && { ...evidence, ...(requestId === undefined ? {} : { requestId }) };
      });
    },
  };
}
