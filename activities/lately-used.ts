import type { Azure, Call, ClusterFacts } from '#libs/azure/azure.ts';
import type { VersionUnwrapped } from '#libs/domain/used-key.ts';

import { readKeyUses, type AuditSource } from './key-uses.ts';

/** Clusters of which the audit is asked: each costs a query. */
const mostClusters = 20;

interface Question {
  readonly audit: AuditSource;
  readonly vaultUri: string;
  readonly keyName: string;
  /** Those that are on the key, or were. */
  readonly clusters: readonly ClusterFacts[];
  /** Epoch ms. */
  readonly since: number;
  /** Workflow time, epoch ms. */
  readonly now: number;
}

/** When clusters last unwrapped with versions of a key, as far as the vault's audit can be read (R89). */
export async function readLatelyUsed(
  azure: Azure,
  { clusters, ...question }: Question,
  call: Call,
): Promise<VersionUnwrapped[]> {
  const unwrapped: VersionUnwrapped[] = [];
  for (const { id: clusterId, principalId } of clusters.slice(0, mostClusters)) {
    if (principalId === undefined) continue;
    const { audit, ...asked } = question;
    const { reading } = await readKeyUses(azure, { ...audit, ...asked, principalId }, call);
    if ('unread' in reading) continue;
    const granted = reading.uses.filter((use) => use.granted);
    unwrapped.push(...granted.map(({ version, lastAt }) => ({ clusterId, version, lastAt })));
  }
  return unwrapped;
}
